import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import type { Root } from '@/lib/root'
import { asText, type Raw } from '@/lib/search'

const notBuilt = lazyRouteComponent(() => import('@/ui/NotBuilt'), 'NotBuilt')

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
      staticData: { permission: 'settings_manage' },
      component: notBuilt,
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings/users',
      staticData: { permission: 'users_manage' },
      component: notBuilt,
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings/security',
      component: notBuilt,
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings/keys',
      staticData: { permission: 'keys_manage' },
      component: notBuilt,
    }),
    createRoute({
      getParentRoute: () => root,
      path: '/settings/audit',
      staticData: { permission: 'audit_view' },
      component: notBuilt,
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
