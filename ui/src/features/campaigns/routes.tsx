import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Root } from '@/lib/root'
import { asList, asOneOf, asText, type Raw } from '@/lib/search'
import { STEPS, type Step } from './model'

export const routes = (root: Root) =>
  [
    createRoute({
      getParentRoute: () => root,
      path: '/campaigns',
      staticData: { permission: 'campaigns_view' },
      validateSearch: (raw: Raw): { q?: string; status?: string[]; awaiting?: boolean } => ({
        q: asText(raw.q),
        status: asList(raw.status),
        awaiting: raw.awaiting ? true : undefined,
      }),
      component: lazyRouteComponent(() => import('./CampaignsPage'), 'CampaignsPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/campaigns/new',
      staticData: { permission: 'campaigns_manage' },
      validateSearch: (raw: Raw): { segment?: string } => ({ segment: asText(raw.segment) }),
      component: lazyRouteComponent(() => import('./NewPage'), 'NewPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/campaigns/$id',
      staticData: { permission: 'campaigns_view' },
      validateSearch: (raw: Raw): { step?: Step } => ({ step: asOneOf(raw.step, STEPS) }),
      component: lazyRouteComponent(() => import('./CampaignPage'), 'CampaignPage'),
    }),
  ] as const
