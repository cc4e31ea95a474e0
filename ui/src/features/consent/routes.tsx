import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Root } from '@/lib/root'
import { asText, type Raw } from '@/lib/search'

export const routes = (root: Root) =>
  [
    createRoute({
      getParentRoute: () => root,
      path: '/settings/suppressions',
      staticData: { permission: 'consent_manage' },
      validateSearch: (raw: Raw): { search?: string } => ({ search: asText(raw.search) }),
      component: lazyRouteComponent(() => import('./SuppressionsPage'), 'SuppressionsPage'),
    }),
  ] as const
