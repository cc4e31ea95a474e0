import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Root } from '@/lib/root'
import { asOneOf, asText, type Raw } from '@/lib/search'
import { TABS, type Tab } from './detail/tabs'
import { type Begin, ruleOf } from './model'

export const routes = (root: Root) =>
  [
    createRoute({
      getParentRoute: () => root,
      path: '/segments',
      staticData: { permission: 'customers_segment_view' },
      validateSearch: (raw: Raw): { q?: string; from?: string; to?: string; archived?: true } => ({
        q: asText(raw.q),
        from: asText(raw.from),
        to: asText(raw.to),
        archived: raw.archived ? true : undefined,
      }),
      component: lazyRouteComponent(() => import('./SegmentsPage'), 'SegmentsPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/segments/new',
      staticData: { permission: 'customers_segment_add' },
      validateSearch: (raw: Raw): Begin => ({ name: asText(raw.name), rule: ruleOf(raw.rule) }),
      component: lazyRouteComponent(() => import('./builder/BuilderPage'), 'NewSegmentPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/segments/new/list',
      staticData: { permission: 'customers_segment_add' },
      component: lazyRouteComponent(() => import('./lists/ListPage'), 'NewListPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/segments/compare',
      staticData: { permission: 'customers_segment_view' },
      validateSearch: (raw: Raw): { ids?: string } => ({ ids: asText(raw.ids) }),
      component: lazyRouteComponent(() => import('./compare/ComparePage'), 'ComparePage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/segments/$id',
      staticData: { permission: 'customers_segment_view' },
      validateSearch: (raw: Raw): { tab?: Tab } => ({ tab: asOneOf(raw.tab, TABS.map(({ value }) => value)) }),
      component: lazyRouteComponent(() => import('./detail/SegmentPage'), 'SegmentPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/segments/$id/edit',
      staticData: { permission: 'customers_segment_manage' },
      component: lazyRouteComponent(() => import('./builder/BuilderPage'), 'EditSegmentPage'),
    }),
  ] as const
