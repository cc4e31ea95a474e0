import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '@/lib/client'
import type { SegmentHistory, Uses } from './history'
import { useLive } from '@/lib/live'
import { isSearchable } from '@/lib/searching'
import type { Channel, Edit, Menu, Performance, Preview, Rule, Segment, Sent, Verdict, Version, Waterfall } from './model'

const PATH = '/api/segments'
const WAITING = new Set(['queued', 'building'])

export const useMenu = () =>
  useQuery({ queryKey: ['segments', 'menu'], queryFn: () => api.get<Menu>(`${PATH}/menu`), staleTime: 60_000 })

/** Exact counts of a rule, with the drafts they belong to; the numbers before it stay until the new ones are there. */
export const usePreview = (sent: Sent | null) =>
  useQuery({
    queryKey: ['segments', 'preview', sent?.rule, sent?.ids],
    queryFn: async ({ signal }) => {
      const found = await api.post<Preview>(`${PATH}/preview`, { rule: sent?.rule }, { signal })
      return { ...found, ids: sent?.ids ?? [], rule: sent?.rule as Rule }
    },
    enabled: sent !== null,
    placeholderData: keepPreviousData,
    retry: false,
  })

/** How many of those a rule selects could be emailed now. */
export const useWaterfall = (rule: Rule, enabled: boolean) =>
  useQuery({
    queryKey: ['segments', 'waterfall', rule],
    queryFn: ({ signal }) => api.post<Waterfall>(`${PATH}/waterfall`, { rule }, { signal }),
    enabled,
    placeholderData: keepPreviousData,
    retry: false,
  })

/** How many members could be emailed now. */
export const useSegmentWaterfall = (id: string, version: number, enabled: boolean) =>
  useQuery({
    queryKey: ['segments', 'waterfall', id, version],
    queryFn: ({ signal }) => api.get<Waterfall>(`${PATH}/${id}/waterfall`, {}, { signal }),
    enabled,
    retry: false,
  })

export const useSuggestions = (on: string, search: string, enabled: boolean) =>
  useQuery({
    queryKey: ['segments', 'suggestions', on, search],
    queryFn: ({ signal }) =>
      api.get<{ value: string | number; label: string; count: number | null }[]>(
        `${PATH}/suggestions`, { on, search }, { signal },
      ),
    enabled: enabled && on !== '',
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })

/** One segment; asked again every second while its membership is being built. */
export const useSegment = (id: string) =>
  useQuery({
    queryKey: ['segments', 'one', id],
    queryFn: () => api.get<Segment>(`${PATH}/${id}`),
    refetchInterval: ({ state }) => (WAITING.has(state.data?.status ?? '') ? 1000 : false),
  })

/** Reads a segment again whenever the server says that it, its state or its membership has changed. */
export function useSegmentLive(id: string) {
  const queries = useQueryClient()
  const [seen, see] = useState('')
  useLive<object>(`segment:${id}`, (state) => {
    const text = JSON.stringify(state)
    if (text === seen) return
    see(text)
    if (seen) void queries.invalidateQueries({ predicate: isStored })
  })
}

/** What became of a segment; asked again when another version serves or the rule was saved. */
export const useHistory = (id: string, state: string) =>
  useQuery({
    queryKey: ['segments', 'history', id, state],
    queryFn: ({ signal }) => api.get<SegmentHistory>(`${PATH}/${id}/history`, {}, { signal }),
    placeholderData: keepPreviousData,
  })

/** "You see 500 of 1,204: only customers you own." about a past day, or nothing. */
export const useDayNote = (id: string, day: string) =>
  useQuery({
    queryKey: ['segments', 'note', id, day],
    queryFn: async () => (await api.get<{ note: string }>(`${PATH}/${id}/days/${day}/members`, { limit: 1 })).note,
    retry: false,
  })

export const useVersions = (id: string, latest: string) =>
  useQuery({
    queryKey: ['segments', 'versions', id, latest],
    queryFn: () => api.get<{ items: Version[] }>(`${PATH}/${id}/versions`),
    placeholderData: keepPreviousData,
  })

export const useUses = (id: string) =>
  useQuery({
    queryKey: ['segments', 'uses', id],
    queryFn: ({ signal }) => api.get<Uses>(`${PATH}/${id}/uses`, {}, { signal }),
  })

/** Size over time and distributions of the membership that serves. */
export const usePerformance = ({ id, version }: Segment) =>
  useQuery({
    queryKey: ['segments', 'performance', id, version?.number],
    queryFn: ({ signal }) => api.get<Performance>(`${PATH}/${id}/performance`, {}, { signal }),
    enabled: !!version,
    placeholderData: keepPreviousData,
    retry: false,
  })

/** Every save of the segment, newest first. */
export const useEdits = ({ id, rule_version }: Segment) =>
  useQuery({
    queryKey: ['segments', 'edits', id, rule_version],
    queryFn: async ({ signal }) => (await api.get<{ changes: Edit[] }>(`${PATH}/${id}/history`, {}, { signal })).changes,
  })

/** "You see 500 of 1,204: only customers you own.", or nothing. */
export const useMemberNote = (id: string, version: number | undefined, enabled: boolean) =>
  useQuery({
    queryKey: ['segments', 'note', id, version],
    queryFn: async () => (await api.get<{ note: string }>(`${PATH}/${id}/members`, { limit: 1 })).note,
    enabled,
  })

export const useWhy = (rule: Rule | null) =>
  useMutation({
    mutationFn: (customer: number) => api.post<Verdict>(`${PATH}/why`, { rule, customer }),
    meta: { quiet: true },
  })

export const useCustomerSearch = (search: string) =>
  useQuery({
    queryKey: ['segments', 'customers', search],
    queryFn: ({ signal }) =>
      api.get<{ items: { id: number; full_name?: string; name?: string; email?: string }[] }>(
        '/api/customers', { search, limit: 8 }, { signal },
      ),
    enabled: isSearchable(search.trim()),
    placeholderData: keepPreviousData,
  })

type Body = { name: string; description: string; rule: Rule | Record<string, never>; rule_version?: number }

const COUNTED = new Set(['menu', 'preview', 'waterfall', 'suggestions', 'customers'])

/** What is told of segments that are kept; counts of a rule do not change because it was saved. */
const isStored = ({ queryKey: [first, second] }: { queryKey: readonly unknown[] }) =>
  String(first).includes('segments') && !COUNTED.has(String(second))

/** Creates, or changes the segment with `id`. */
export function useSave(id?: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: Body) =>
      id ? api.put<Segment>(`${PATH}/${id}`, body) : api.post<Segment>(PATH, body),
    meta: { quiet: true },
    onSuccess: () => void queries.invalidateQueries({ predicate: isStored }),
  })
}

/** archive, unarchive, duplicate, recalculate, or cancel that. */
export function useVerb() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ id, verb }: { id: string; verb: 'archive' | 'unarchive' | 'duplicate' | 'recalculate' | 'cancel' }) =>
      api.post<Segment>(`${PATH}/${id}/${verb}`),
    onSuccess: () => void queries.invalidateQueries({ predicate: isStored }),
  })
}

/** Deletes an archived segment that nothing uses, then leaves its page. */
export function useDelete(leave: () => Promise<void>) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.delete<null>(`${PATH}/${id}`),
    onSuccess: async () => {
      await leave()
      await queries.invalidateQueries({ predicate: isStored })
    },
  })
}

/** Makes the draft of a campaign. */
export function useCampaign() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (body: { name: string; segment_id: string; channel: Channel }) => api.post<{ id: string }>('/api/campaigns', body),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ['/api/campaigns'] }),
  })
}
