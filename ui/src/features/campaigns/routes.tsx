import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Root } from '@/lib/root'

const notBuilt = lazyRouteComponent(() => import('@/ui/NotBuilt'), 'NotBuilt')

export const routes = (root: Root) =>
  [
    createRoute({
      getParentRoute: () => root,
      path: '/campaigns',
      staticData: { permission: 'campaigns_view' },
      component: notBuilt,
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/campaigns/new',
      staticData: { permission: 'campaigns_manage' },
      component: notBuilt,
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/campaigns/$id',
      staticData: { permission: 'campaigns_view' },
      component: notBuilt,
    }),
  ] as const
