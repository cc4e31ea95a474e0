import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Root } from '@/lib/root'

const notBuilt = lazyRouteComponent(() => import('@/ui/NotBuilt'), 'NotBuilt')

export const routes = (root: Root) =>
  [
    createRoute({
      getParentRoute: () => root,
      path: '/inbox',
      staticData: { permission: 'inbox_view' },
      component: notBuilt,
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings/senders',
      staticData: { permission: 'senders_view' },
      component: notBuilt,
    }),
  ] as const
