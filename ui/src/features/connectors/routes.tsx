import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Root } from '@/lib/root'

const staticData = { permission: 'customers_import' }

export const routes = (root: Root) =>
  [
    createRoute({
      getParentRoute: () => root,
      path: '/customers/imports',
      staticData,
      component: lazyRouteComponent(() => import('./ImportsPage'), 'ImportsPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/customers/imports/$id',
      staticData,
      component: lazyRouteComponent(() => import('./ImportPage'), 'ImportPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings/webhooks',
      staticData: { permission: 'webhooks_manage' },
      component: lazyRouteComponent(() => import('./WebhooksPage'), 'WebhooksPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings/webhooks/$id',
      staticData: { permission: 'webhooks_manage' },
      component: lazyRouteComponent(() => import('./WebhookPage'), 'WebhookPage'),
    }),
  ] as const
