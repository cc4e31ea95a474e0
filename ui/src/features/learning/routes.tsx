import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Root } from '@/lib/root'
import { asOneOf, asText, type Raw } from '@/lib/search'
import { type Filters, filtersOf } from './filters'
import { type Tab, TABS } from './models/tabs'

const staticData = { permission: 'customers_segment_view' }

export const routes = (root: Root) =>
  [
    createRoute({
      getParentRoute: () => root,
      path: '/segmentation',
      staticData,
      validateSearch: filtersOf,
      component: lazyRouteComponent(() => import('./SegmentationPage'), 'SegmentationPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/segmentation/compare',
      staticData,
      validateSearch: (raw: Raw): Filters & { a?: string; b?: string } => ({ ...filtersOf(raw), a: asText(raw.a), b: asText(raw.b) }),
      component: lazyRouteComponent(() => import('./ComparePage'), 'ComparePage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/segmentation/$id',
      staticData,
      validateSearch: filtersOf,
      component: lazyRouteComponent(() => import('./DetailPage'), 'DetailPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/segmentation/models',
      staticData,
      validateSearch: (raw: Raw): { tab?: Tab } => ({ tab: asOneOf(raw.tab, TABS) }),
      component: lazyRouteComponent(() => import('./models/ModelsPage'), 'ModelsPage'),
    }),
  ] as const
