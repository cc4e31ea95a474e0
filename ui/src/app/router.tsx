import './customerTabs'
import './dialogs'
import { createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { routes as accounts } from '@/features/accounts/routes'
import { routes as campaigns } from '@/features/campaigns/routes'
import { routes as catalog } from '@/features/catalog/routes'
import { routes as channels } from '@/features/channels/routes'
import { routes as connectors } from '@/features/connectors/routes'
import { routes as consent } from '@/features/consent/routes'
import { routes as content } from '@/features/content/routes'
import { routes as customers } from '@/features/customers/routes'
import { routes as events } from '@/features/events/routes'
import { routes as experiments } from '@/features/experiments/routes'
import { routes as journeys } from '@/features/journeys/routes'
import { routes as learning } from '@/features/learning/routes'
import { routes as measurement } from '@/features/measurement/routes'
import { routes as programs } from '@/features/programs/routes'
import { routes as reports } from '@/features/reports/routes'
import { routes as segments } from '@/features/segments/routes'
import { rootRoute } from '@/lib/root'
import { ErrorState } from '@/ui/ErrorState'
import { NotFound } from './NotFound'
import { Root } from './Root'

const home = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./HomePage'), 'HomePage'),
})

/** Every part of the design kit on one page, while developing. */
const kit = import.meta.env.DEV
  ? [
      createRoute({
        getParentRoute: () => rootRoute,
        path: '/__kit',
        component: lazyRouteComponent(() => import('./KitPage'), 'KitPage'),
      }),
    ]
  : []

const tree = rootRoute.update({ component: Root, notFoundComponent: NotFound }).addChildren([
  home,
  ...accounts(rootRoute),
  ...customers(rootRoute),
  ...catalog(rootRoute),
  ...connectors(rootRoute),
  ...events(rootRoute),
  ...segments(rootRoute),
  ...learning(rootRoute),
  ...content(rootRoute),
  ...experiments(rootRoute),
  ...channels(rootRoute),
  ...consent(rootRoute),
  ...programs(rootRoute),
  ...journeys(rootRoute),
  ...campaigns(rootRoute),
  ...measurement(rootRoute),
  ...reports(rootRoute),
  ...kit,
])

export const createAppRouter = () =>
  createRouter({
    routeTree: tree,
    defaultPreload: 'intent',
    scrollRestoration: true,
    defaultErrorComponent: ({ error, reset }) => <ErrorState page error={error} onRetry={reset} />,
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
