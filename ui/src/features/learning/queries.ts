import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '@/lib/client'
import { type Filters, paramsOf } from './filters'
import type { Comparison, Dashboard, Detail, Reach } from './model'

const PATH = '/api/segments/discovered'
const SCORING = 2000 // milliseconds between looks while customers are scored

/** The dashboard; the numbers before stay until the new ones are there. */
export const useDashboard = (filters: Filters) =>
  useQuery({
    queryKey: ['discovered', 'dashboard', filters],
    queryFn: ({ signal }) => api.get<Dashboard>(`${PATH}/dashboard`, paramsOf(filters), { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.state === 'scoring' ? SCORING : false),
  })

export const useDetail = (id: string, filters: Filters) =>
  useQuery({
    queryKey: ['discovered', 'one', id, filters],
    queryFn: ({ signal }) => api.get<Detail>(`${PATH}/${id}`, paramsOf(filters), { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.data?.reason ? SCORING : false),
  })

/** How many of those who match could be emailed now. */
export const useReach = (id: string, filters: Filters) =>
  useQuery({
    queryKey: ['discovered', 'reach', id, filters],
    queryFn: ({ signal }) => api.get<Reach>(`${PATH}/${id}/reach`, paramsOf(filters), { signal }),
    placeholderData: keepPreviousData,
    retry: false,
  })

export const useComparison = (a: string | undefined, b: string | undefined, filters: Filters) =>
  useQuery({
    queryKey: ['discovered', 'compare', a, b, filters],
    queryFn: ({ signal }) => api.get<Comparison>(`${PATH}/compare`, { ...paramsOf(filters), a, b }, { signal }),
    enabled: !!a && !!b,
    placeholderData: keepPreviousData,
  })
