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
  ] as const
