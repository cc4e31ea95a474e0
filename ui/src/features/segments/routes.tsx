import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Root } from '@/lib/root'

const notBuilt = lazyRouteComponent(() => import('@/ui/NotBuilt'), 'NotBuilt')

export const routes = (root: Root) =>
  [
    createRoute({
      getParentRoute: () => root,
      path: '/segments',
      staticData: { permission: 'customers_segment_view' },
      component: notBuilt,
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/segments/new',
      staticData: { permission: 'customers_segment_add' },
      component: notBuilt,
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/segments/$id',
      staticData: { permission: 'customers_segment_view' },
      component: notBuilt,
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/segments/$id/edit',
      staticData: { permission: 'customers_segment_manage' },
      component: notBuilt,
    }),
  ] as const
