import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '@/lib/client'
import type { components } from '@/lib/schema.gen'

type Wire = components['schemas']
export type Rate = Wire['RateOut']
export type Rates = Wire['RatesOut']
export type Change = { day: string; currency: string; rate: string | null }

export const RATES = '/api/events/rates'

/** The organisation's currency, and what lacks a rate: beside the list, which is paged and filtered. */
export const useApart = () =>
  useQuery({ queryKey: [RATES, 'apart'], queryFn: ({ signal }) => api.get<Rates>(RATES, { limit: 1 }, { signal }) })

/** Keeps rates in place of those of the same day and currency; null takes one back. */
export function useChangeRates() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (items: Change[]) => api.put(RATES, { items }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [RATES] }),
    meta: { quiet: true },
  })
}
