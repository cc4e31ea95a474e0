import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Root } from '@/lib/root'
import { asText, type Raw } from '@/lib/search'
import { readSearch, type Search } from './model'

export const routes = (root: Root) =>
  [
    createRoute({
      getParentRoute: () => root,
      path: '/customers',
      staticData: { permission: 'customers_view' },
      validateSearch: (raw: Raw): Search => readSearch(raw),
      component: lazyRouteComponent(() => import('./CustomersPage'), 'CustomersPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/customers/fields',
      staticData: { permission: 'fields_manage' },
      component: lazyRouteComponent(() => import('./fields/FieldsPage'), 'FieldsPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/customers/$id',
      staticData: { permission: 'customers_view' },
      validateSearch: (raw: Raw): { tab?: string } => ({ tab: asText(raw.tab) }),
      component: lazyRouteComponent(() => import('./detail/CustomerPage'), 'CustomerPage'),
    }),
  ] as const
