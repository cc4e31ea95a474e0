import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ApiProblem, api } from '@/lib/client'
import type { components } from '@/lib/schema.gen'
import type { Audience, Campaign, Checklist, Fill, Movement, Report, Sender } from './model'

export const CAMPAIGNS = '/api/campaigns'

export const useCampaign = (id: string) =>
  useQuery({
    queryKey: [CAMPAIGNS, id],
    queryFn: ({ signal }) => api.get<Campaign>(`${CAMPAIGNS}/${id}`, {}, { signal }),
    refetchInterval: ({ state }) => (state.data?.status === 'scheduled' ? 3000 : false),
  })

/** What the checklist says of the campaign as it is saved. */
export const useChecklist = (id: string, version: number) =>
  useQuery({
    queryKey: [CAMPAIGNS, id, 'checklist', version],
    queryFn: ({ signal }) => api.get<Checklist>(`${CAMPAIGNS}/${id}/checklist`, {}, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.launchable ? false : 3000),
  })

/** The waterfall of a segment less exclusions; asked again while the segment is not ready. */
export const useAudience = (segment_id: string | null, exclusions: string[], channel = 'email') =>
  useQuery({
    queryKey: [CAMPAIGNS, 'audience', segment_id, exclusions, channel],
    queryFn: ({ signal }) => api.post<Audience>(`${CAMPAIGNS}/audience`, { segment_id, exclusions, channel }, { signal }),
    enabled: segment_id !== null,
    placeholderData: keepPreviousData,
    retry: (count, error) => error instanceof ApiProblem && error.status === 409 && count < 100,
    retryDelay: 2000,
  })

export const useSenders = () =>
  useQuery({ queryKey: [CAMPAIGNS, 'senders'], queryFn: () => api.get<Sender[]>(`${CAMPAIGNS}/senders`), staleTime: 60_000 })

export const useReport = (id: string, every: number | false) =>
  useQuery({
    queryKey: [CAMPAIGNS, id, 'report'],
    queryFn: ({ signal }) => api.get<Report>(`/api/measurement/campaigns/${id}`, {}, { signal }),
    refetchInterval: every,
  })

/** Why is nothing moving? Asked while something is on the way. */
export const useMovement = (id: string, enabled: boolean) =>
  useQuery({
    queryKey: [CAMPAIGNS, id, 'movement'],
    queryFn: ({ signal }) => api.get<Movement>(`${CAMPAIGNS}/${id}/movement`, {}, { signal }),
    enabled,
    refetchInterval: enabled ? 3000 : false,
  })

/** A write of one campaign; what is shown of it is read again. */
function useWrite<V, R = Campaign>(write: (given: V) => Promise<R>, quiet = false) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: write,
    meta: { quiet },
    onSuccess: () => queries.invalidateQueries({ queryKey: [CAMPAIGNS] }),
  })
}

export const useCreate = () => useWrite((body: object) => api.post<Campaign>(CAMPAIGNS, body))
export const useSave = (id: string) => useWrite((body: object) => api.patch<Campaign>(`${CAMPAIGNS}/${id}`, body), true)
export const useRemove = () => useWrite((id: string) => api.delete<void>(`${CAMPAIGNS}/${id}`))

export type Verb = 'duplicate' | 'request-approval' | 'approve' | 'launch' | 'pause' | 'resume' | 'cancel'
export const useVerb = (id: string) =>
  useWrite(({ verb, version }: { verb: Verb; version?: number }) =>
    api.post<Campaign>(`${CAMPAIGNS}/${id}/${verb}`, version === undefined ? {} : { version }),
  )

// What other parts of the product offer to choose from.

type Wire = components['schemas']
export type SegmentChoice = Wire['SegmentRow']
export const useSegments = () =>
  useQuery({
    queryKey: [CAMPAIGNS, 'segments'],
    queryFn: async () => (await api.get<{ items: SegmentChoice[] }>('/api/segments', { limit: 500 })).items,
    refetchInterval: ({ state }) => (state.data?.some(({ status }) => status === 'queued' || status === 'building') ? 2000 : false),
  })

export type EmailChoice = Wire['TemplateRow']
/** The emails that a campaign can send: it sends marketing, and a service email has no link to unsubscribe. */
export const useEmails = () =>
  useQuery({
    queryKey: [CAMPAIGNS, 'emails'],
    queryFn: async () => (await api.get<{ items: EmailChoice[] }>('/api/content/templates', { purpose: 'marketing', limit: 500 })).items,
  })

/** The email as `customer` would get it, its variables filled with what is mapped to them. */
export const useSeen = (version: string | null, customer: number | null, mapping: Record<string, Fill>) =>
  useQuery({
    queryKey: [CAMPAIGNS, 'seen', version, customer, mapping],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const { subject, preheader, source } = await api.get<Wire['VersionOut']>(`/api/content/versions/${version}`, {}, { signal })
      return api.post<Wire['PreviewOut']>('/api/content/preview', { subject, preheader, source, customer, mapping }, { signal })
    },
    enabled: version !== null,
    staleTime: 60_000,
  })

export type Placeholder = Wire['PlaceholderOut']
/** The variables that a version of an email leaves open. */
export const usePlaceholders = (version: string | null) =>
  useQuery({
    queryKey: [CAMPAIGNS, 'placeholders', version],
    queryFn: ({ signal }) => api.get<Placeholder[]>(`/api/content/versions/${version}/placeholders`, {}, { signal }),
    enabled: version !== null,
  })

export type FieldChoice = Wire['VariableOut']
/** The fields that can fill a variable. */
export const useFields = (enabled: boolean) =>
  useQuery({
    queryKey: [CAMPAIGNS, 'fields'],
    queryFn: ({ signal }) => api.get<FieldChoice[]>('/api/content/variables', {}, { signal }),
    enabled,
    staleTime: 60_000,
  })
