import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Root } from '@/lib/root'

const notBuilt = lazyRouteComponent(() => import('@/ui/NotBuilt'), 'NotBuilt')

export const routes = (root: Root) =>
  [
    createRoute({
      getParentRoute: () => root,
      path: '/inbox',
      component: notBuilt,
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings/senders',
      staticData: { permission: 'channels_manage' },
      component: notBuilt,
    }),
  ] as const
