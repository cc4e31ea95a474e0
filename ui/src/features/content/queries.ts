import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, ApiProblem } from '@/lib/client'
import type { Mail, Source } from './model'

export type Person = { id: string; name: string } | null
export type TemplateRow = {
  id: string
  name: string
  purpose: string
  number: number
  subject: string
  archived: boolean
  created_by: Person
  created_at: string
  updated_at: string
}
export type VersionRow = {
  id: string
  number: number
  subject: string
  restored_from: number | null
  created_by: Person
  created_at: string
}
export type Version = VersionRow & { preheader: string; source: Source; text: string; variables: string[]; links: string[] }
export type Template = TemplateRow & { current: Version | null; may_manage: boolean }
export type Starter = { key: string; name: string; group: string; description: string; purpose: string; subject: string; html: string }
export type Variable = { path: string; label: string; group: string; type: string }
export type Preview = {
  subject: string
  html: string
  text: string
  generated_text: string
  mjml: string
  variables: string[]
  missing: string[]
  warnings: string[]
  failure: string
}

const BASE = '/api/content'
export const TEMPLATES = `${BASE}/templates`

export const useTemplate = (id: string) =>
  useQuery({ queryKey: [TEMPLATES, id], queryFn: ({ signal }) => api.get<Template>(`${TEMPLATES}/${id}`, {}, { signal }) })

export const useVersions = (id: string) =>
  useQuery({
    queryKey: [TEMPLATES, id, 'versions'],
    queryFn: ({ signal }) => api.get<VersionRow[]>(`${TEMPLATES}/${id}/versions`, {}, { signal }),
  })

export const useStarters = () =>
  useQuery({ queryKey: [BASE, 'starters'], queryFn: ({ signal }) => api.get<Starter[]>(`${BASE}/starters`, {}, { signal }), staleTime: Infinity })

export const useVariables = () =>
  useQuery({ queryKey: [BASE, 'variables'], queryFn: ({ signal }) => api.get<Variable[]>(`${BASE}/variables`, {}, { signal }), staleTime: 60_000 })

/** The mail as one customer would see it; the last good one stays while a fault is being typed. */
export const usePreview = (mail: Mail, purpose: string, customer: number | null) =>
  useQuery({
    queryKey: [BASE, 'preview', mail, purpose, customer],
    queryFn: ({ signal }) => api.post<Preview>(`${BASE}/preview`, { ...mail, purpose, customer }, { signal }),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
    gcTime: 60_000,
  })

/** The messages of a refusal by field, else of the error as a whole. */
export const faultsOf = (error: unknown): Record<string, string> =>
  error instanceof ApiProblem ? (error.errors.length ? error.fields : { '': error.message }) : error ? { '': String(error) } : {}

function useWrite<V, R>(path: (given: V) => string, body: (given: V) => unknown = () => ({}), quiet = false) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (given: V) => api.post<R>(path(given), body(given)),
    meta: { quiet },
    onSuccess: () => queries.invalidateQueries({ queryKey: [TEMPLATES] }),
  })
}

export const useCreate = () =>
  useWrite<{ name: string; starter: string }, Template>(() => TEMPLATES, (given) => given)
export const useSave = (id: string) =>
  useWrite<Mail & { base: number }, Version>(() => `${TEMPLATES}/${id}/versions`, (given) => given, true)
export const useRestore = (id: string) => useWrite<number, Version>((number) => `${TEMPLATES}/${id}/versions/${number}/restore`)
export const useArchive = () => useWrite<TemplateRow, Template>((row) => `${TEMPLATES}/${row.id}/${row.archived ? 'unarchive' : 'archive'}`)
export const useDuplicate = () => useWrite<string, Template>((id) => `${TEMPLATES}/${id}/duplicate`)

export function useRename(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (name: string) => api.patch<Template>(`${TEMPLATES}/${id}`, { name }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [TEMPLATES] }),
  })
}

export type FoundCustomer = { id: number; name: string; email: string }
/** Customers whose name or email holds `search` (3 letters or more); the newest without. */
export const useCustomerSearch = (search: string) =>
  useQuery({
    queryKey: ['/api/customers', 'preview', search],
    queryFn: ({ signal }) => api.get<{ items: FoundCustomer[] }>('/api/customers', { search, limit: 6 }, { signal }),
    placeholderData: keepPreviousData,
    retry: false,
  })

/** Sends the version to one address; a service of channels. */
export const useSendTest = () =>
  useMutation({
    mutationFn: (given: { version_id: string; address: string; customer_id: number | null }) =>
      api.post<{ message?: string }>('/api/channels/test', given),
    meta: { quiet: true },
  })
