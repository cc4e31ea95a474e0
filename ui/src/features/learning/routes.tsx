import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Root } from '@/lib/root'
import { asOneOf, type Raw } from '@/lib/search'
import { type Tab, TABS } from './models/tabs'

const notBuilt = lazyRouteComponent(() => import('@/ui/NotBuilt'), 'NotBuilt')

export const routes = (root: Root) =>
  [
    createRoute({
      getParentRoute: () => root,
      path: '/segmentation',
      staticData: { permission: 'customers_segment_view' },
      component: notBuilt,
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/segmentation/models',
      staticData: { permission: 'customers_segment_view' },
      validateSearch: (raw: Raw): { tab?: Tab } => ({ tab: asOneOf(raw.tab, TABS) }),
      component: lazyRouteComponent(() => import('./models/ModelsPage'), 'ModelsPage'),
    }),
  ] as const
