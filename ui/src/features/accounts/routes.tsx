import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import type { Root } from '@/lib/root'
import { asText, type Raw } from '@/lib/search'

const notBuilt = lazyRouteComponent(() => import('@/ui/NotBuilt'), 'NotBuilt')

type AuditSearch = {
  actor?: string
  verb?: string
  kind?: string
  object?: string
  from?: string
  to?: string
}

export const routes = (root: Root) =>
  [
    createRoute({
      getParentRoute: () => root,
      path: '/login',
      staticData: { bare: true },
      validateSearch: (raw: Raw): { next?: string; done?: boolean } => ({ next: asText(raw.next), done: raw.done ? true : undefined }),
      component: lazyRouteComponent(() => import('./LoginPage'), 'LoginPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/login/set-password/$key',
      staticData: { bare: true },
      component: lazyRouteComponent(() => import('./SetPasswordPage'), 'SetPasswordPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings',
      beforeLoad: () => {
        throw redirect({ to: '/settings/organisation' as string, replace: true })
      },
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings/organisation',
      staticData: { permission: 'settings_manage' },
      component: lazyRouteComponent(() => import('./OrganisationPage'), 'OrganisationPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings/users',
      staticData: { permission: 'users_manage' },
      validateSearch: (raw: Raw): { tab?: 'roles'; q?: string } => ({
        tab: raw.tab === 'roles' ? 'roles' : undefined,
        q: asText(raw.q),
      }),
      component: lazyRouteComponent(() => import('./UsersPage'), 'UsersPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings/security',
      component: lazyRouteComponent(() => import('./SecurityPage'), 'SecurityPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings/keys',
      staticData: { permission: 'keys_manage' },
      component: lazyRouteComponent(() => import('./KeysPage'), 'KeysPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings/audit',
      staticData: { permission: 'audit_view' },
      validateSearch: (raw: Raw): AuditSearch => ({
        actor: asText(raw.actor),
        verb: asText(raw.verb),
        kind: asText(raw.kind),
        object: asText(raw.object),
        from: asText(raw.from),
        to: asText(raw.to),
      }),
      component: lazyRouteComponent(() => import('./AuditPage'), 'AuditPage'),
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings/health',
      staticData: { permission: 'health_view' },
      component: notBuilt,
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings/plugins',
      staticData: { permission: 'settings_manage' },
      component: notBuilt,
    }),
  ] as const
