import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Root } from '@/lib/root'
import { asNumber, asText, type Raw } from '@/lib/search'

type InboxSearch = { search?: string; mail?: number }

export const routes = (root: Root) =>
  [
    createRoute({
      getParentRoute: () => root,
      path: '/inbox',
      validateSearch: (raw: Raw): InboxSearch => ({ search: asText(raw.search), mail: asNumber(raw.mail) }),
      component: lazyRouteComponent(() => import('./InboxPage'), 'InboxPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings/senders',
      staticData: { permission: 'channels_manage' },
      component: lazyRouteComponent(() => import('./SendersPage'), 'SendersPage'),
    }),
  ] as const
