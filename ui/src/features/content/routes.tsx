import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Root } from '@/lib/root'
import { asText, type Raw } from '@/lib/search'

export const routes = (root: Root) =>
  [
    createRoute({
      getParentRoute: () => root,
      path: '/content',
      staticData: { permission: 'content_view' },
      validateSearch: (raw: Raw): { search?: string; archived?: boolean } => ({
        search: asText(raw.search),
        archived: raw.archived ? true : undefined,
      }),
      component: lazyRouteComponent(() => import('./ContentPage'), 'ContentPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/content/$id',
      staticData: { permission: 'content_view' },
      component: lazyRouteComponent(() => import('./EditorPage'), 'EditorPage'),
    }),
  ] as const
