import { queryOptions } from '@tanstack/react-query'
import { api } from '@/lib/client'
import type { components } from '@/lib/schema.gen'
import type { Level } from '@/lib/session'

export type SignIn = { organisation: string; mail: boolean }

/** What the sign-in page may know before anybody is signed in. */
export const signInQuery = queryOptions({
  queryKey: ['sign-in'],
  queryFn: () => api.get<SignIn>('/api/sign-in'),
  staleTime: Infinity,
})

export type Grants = Record<string, Level>
export type Role = {
  id: string
  key: string
  name: string
  description: string
  grants: Grants
  built_in: boolean
  members: number
}
export type User = {
  id: number
  name: string
  email: string
  role: { id: string; key: string; name: string }
  time_zone: string
  is_active: boolean
  must_change_password: boolean
  has_password: boolean
  factors: number
  last_login: string | null
  created_at: string
}
export type Link = { url: string; expires_at: string; mailed: boolean }
export type Invited = { user: User; link: Link | null; one_time_password: string | null }
export type Permission = { key: string; label: string; levels: Level[] }
export type Key = {
  id: string
  name: string
  kind: 'service' | 'server' | 'browser'
  prefix: string
  grants: Grants
  scopes: string[]
  created_by: { id: number; name: string } | null
  created_at: string
  expires_at: string | null
  revoked_at: string | null
  last_used_at: string | null
}
export type Entry = {
  seq: number
  at: string
  actor_kind: string
  actor_id: string
  actor_name: string
  verb: string
  object_kind: string
  object_id: string
  object_name: string
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  hash: string
}
export type Setting = components['schemas']['SettingOut']
export type Organisation = { name: string; time_zone: string; currency: string; settings: Setting[] }
export type Chain = { ok: boolean; checked: number; broken_at: number | null; reason: string }

const list = <T>(path: string) =>
  queryOptions({ queryKey: [path], queryFn: async () => (await api.get<{ items: T[] }>(path)).items })

export const rolesQuery = list<Role>('/api/roles')
export const peopleQuery = list<{ id: number; name: string }>('/api/people')
export const permissionsQuery = queryOptions({
  queryKey: ['/api/permissions'],
  queryFn: () => api.get<{ items: Permission[]; scopes: Record<string, string> }>('/api/permissions'),
  staleTime: Infinity,
})
export const organisationQuery = queryOptions({
  queryKey: ['/api/organisation'],
  queryFn: () => api.get<Organisation>('/api/organisation'),
})
export const chainQuery = queryOptions({
  queryKey: ['/api/audit/chain'],
  queryFn: () => api.get<Chain>('/api/audit/chain'),
  staleTime: 60_000,
})
