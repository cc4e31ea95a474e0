import { useMutation, useQuery } from '@tanstack/react-query'
import { api } from '@/lib/client'
import type { Comparison, Region } from './model'

const PATH = '/api/segments'

/** How two to four segments overlap. */
export const useComparison = (ids: string[]) =>
  useQuery({
    queryKey: ['segments', 'compare', ...ids],
    queryFn: ({ signal }) => api.post<Comparison>(`${PATH}/compare`, { segments: ids }, { signal }),
    enabled: ids.length > 1,
    retry: false,
  })

/** Starts the export of some members as a job. */
export const useMemberExport = () =>
  useMutation({
    mutationFn: ({ format, inside, outside, join }: Omit<Region, 'count'> & { format: 'csv' | 'xlsx' }) =>
      api.post<{ job: string }>(`${PATH}/exports`, { format, inside, outside, join }),
  })
