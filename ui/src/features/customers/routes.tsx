import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Root } from '@/lib/root'

const notBuilt = lazyRouteComponent(() => import('@/ui/NotBuilt'), 'NotBuilt')

export const routes = (root: Root) =>
  [
    createRoute({
      getParentRoute: () => root,
      path: '/customers',
      staticData: { permission: 'customers_view' },
      component: notBuilt,
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/customers/$id',
      staticData: { permission: 'customers_view' },
      component: notBuilt,
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/customers/fields',
      staticData: { permission: 'fields_manage' },
      component: notBuilt,
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/customers/imports',
      staticData: { permission: 'customers_import' },
      component: notBuilt,
    }),
  ] as const
