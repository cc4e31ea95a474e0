import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Root } from '@/lib/root'
import { asList, asText, type Raw } from '@/lib/search'

export const routes = (root: Root) =>
  [
    createRoute({
      getParentRoute: () => root,
      path: '/reports',
      staticData: { permission: 'reports_view' },
      validateSearch: (raw: Raw): { search?: string; format?: string[]; subject?: string[]; tab?: 'scheduled' } => ({
        search: asText(raw.search),
        format: asList(raw.format),
        subject: asList(raw.subject),
        tab: raw.tab === 'scheduled' ? raw.tab : undefined,
      }),
      component: lazyRouteComponent(() => import('./ReportsPage'), 'ReportsPage'),
    }),
  ] as const
