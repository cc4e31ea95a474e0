import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '@/lib/client'
import { type Call, underWay, type Webhook, type WithSecret } from './model'

export const PATH = '/api/connectors/webhooks'
export type Values = { url: string; description: string; events: string[]; segments: string[]; identities: boolean }
type List<T> = { items: T[]; next: string | null }

export const useWebhooks = () => useQuery({ queryKey: [PATH], queryFn: () => api.get<List<Webhook>>(PATH) })

export const useWebhook = (id: string) =>
  useQuery({ queryKey: [PATH, id], queryFn: () => api.get<Webhook>(`${PATH}/${id}`), refetchInterval: 5_000 })

export const useCalls = (id: string) =>
  useQuery({
    queryKey: [PATH, id, 'calls'],
    queryFn: () => api.get<List<Call>>(`${PATH}/${id}/calls`, { limit: 100 }),
    refetchInterval: ({ state }) => (underWay(state.data?.items) ? 1_000 : 5_000),
  })

/** Segments to choose from, by name. */
export const useSegmentNames = () =>
  useQuery({
    queryKey: ['/api/segments', 'names'],
    queryFn: () => api.get<List<{ id: string; name: string }>>('/api/segments', { limit: 500 }),
    meta: { quiet: true },
  })

function useWrite<In, Out>(write: (given: In) => Promise<Out>, quiet = false) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: write,
    meta: { quiet },
    onSettled: () => queries.invalidateQueries({ queryKey: [PATH] }),
  })
}

export const useCreate = () => useWrite((values: Values) => api.post<WithSecret>(PATH, values), true)
export const useEdit = (id: string) =>
  useWrite((values: Values & { on: boolean }) => api.put<Webhook & { secret: string }>(`${PATH}/${id}`, values), true)
export const useRotate = (id: string) => useWrite(() => api.post<WithSecret>(`${PATH}/${id}/rotate`))
export const useTest = (id: string) => useWrite(() => api.post<Call>(`${PATH}/${id}/test`))
export const useRemove = (id: string) => useWrite(() => api.delete(`${PATH}/${id}`))
export const useResend = () => useWrite((call: string) => api.post<Call>(`${PATH}/calls/${call}/resend`))
