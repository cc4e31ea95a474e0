import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Root } from '@/lib/root'
import { asText, type Raw } from '@/lib/search'

export const routes = (root: Root) =>
  [
    createRoute({
      getParentRoute: () => root,
      path: '/settings/rates',
      staticData: { permission: 'settings_manage' },
      validateSearch: (raw: Raw): { currency?: string } => ({ currency: asText(raw.currency) }),
      component: lazyRouteComponent(() => import('./RatesPage'), 'RatesPage'),
    }),
  ] as const
