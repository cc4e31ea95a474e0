import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '@/lib/client'
import type { components } from '@/lib/schema.gen'
import type { Config, Schema } from './model'

type Wire = components['schemas']
export type Provider = Omit<Wire['PluginOut'], 'config_schema'> & { config_schema: Schema }
export type Sender = Omit<Wire['SenderOut'], 'config'> & { config: Config }
export type SenderBrief = Wire['SenderBrief']
export type Delivery = Wire['LedgerLine']
export type Mail = Wire['MailOut']
export type MailDetail = Wire['MailDetail']
export type Trial = Wire['TrialOut']

export const SENDERS = '/api/channels/senders'
export const INBOX = '/api/channels/inbox'

export const providersQuery = queryOptions({
  queryKey: ['/api/channels/providers'],
  queryFn: ({ signal }) => api.get<Provider[]>('/api/channels/providers', undefined, { signal }),
  staleTime: Infinity,
})

export const sendersQuery = queryOptions({
  queryKey: [SENDERS],
  queryFn: ({ signal }) => api.get<{ items: SenderBrief[]; total: number }>(SENDERS, undefined, { signal }),
  refetchInterval: 15_000,
})

export const senderQuery = (id: string) =>
  queryOptions({
    queryKey: [SENDERS, id],
    queryFn: ({ signal }) => api.get<Sender>(`${SENDERS}/${id}`, undefined, { signal }),
    staleTime: 0,
  })

export const mailQuery = (id: number) =>
  queryOptions({
    queryKey: [INBOX, id],
    queryFn: ({ signal }) => api.get<MailDetail>(`${INBOX}/${id}`, undefined, { signal }),
    staleTime: Infinity,
  })

export type SenderValues = {
  name: string
  from_name: string
  from_address: string
  reply_to: string
  rate_per_second: number
  burst: number
  default: boolean
  provider: string
  config: Config
}

/** Stores a sender: a new one without `id`. */
export function useSaveSender(id: string | null) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ provider, ...values }: SenderValues) =>
      id ? api.patch<Sender>(`${SENDERS}/${id}`, values) : api.post<Sender>(SENDERS, { provider, ...values }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [SENDERS] }),
    meta: { quiet: true },
  })
}

/** Connects and signs in without sending. */
export const useTry = () =>
  useMutation({
    mutationFn: (given: { sender_id: string | null; provider: string; config: Config }) =>
      api.post<Trial>(`${SENDERS}/try`, given),
    meta: { quiet: true },
  })

export function useArchiveSender() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.post(`${SENDERS}/${id}/archive`),
    onSettled: () => queries.invalidateQueries({ queryKey: [SENDERS] }),
  })
}
