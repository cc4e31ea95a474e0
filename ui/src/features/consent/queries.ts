import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '@/lib/client'
import type { components } from '@/lib/schema.gen'

type Wire = components['schemas']
export type Consent = Wire['CustomerConsent']
export type Suppression = Wire['SuppressionOut']

export const SUPPRESSIONS = '/api/consent/suppressions'
const path = (customer: number) => `/api/consent/customers/${customer}`

export const consentQuery = (customer: number) =>
  queryOptions({
    queryKey: [path(customer)],
    queryFn: ({ signal }) => api.get<Consent>(path(customer), undefined, { signal }),
  })

export type Given = { channel: string; source: string; note: string }

/** Records consent given ("grant") or taken back ("withdraw"); the note is its evidence. */
export function useRecord(customer: number, verb: 'grant' | 'withdraw') {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ channel, source, note }: Given) =>
      api.post<Consent>(`${path(customer)}/${verb}`, { channel, source, evidence: { note } }),
    onSuccess: (now) => {
      queries.setQueryData([path(customer)], now)
      void queries.invalidateQueries({ queryKey: [`/api/customers/${customer}`] })
      void queries.invalidateQueries({ queryKey: [`/api/channels/ledger/${customer}`] })
    },
    meta: { quiet: true },
  })
}

/** Adds an address to the suppression list. */
export function useSuppress() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (given: { channel: string; address: string; purpose: string }) => api.post(SUPPRESSIONS, given),
    onSuccess: () => queries.invalidateQueries({ queryKey: [SUPPRESSIONS] }),
    meta: { quiet: true },
  })
}

/** Takes an address off the list, saying why. */
export function useLift() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ id, reason }: { id: number; reason: string }) => api.post(`${SUPPRESSIONS}/${id}/lift`, { reason }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [SUPPRESSIONS] }),
    meta: { quiet: true },
  })
}
