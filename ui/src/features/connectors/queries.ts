import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '@/lib/client'
import { usePages } from '@/lib/query'
import { type Checked, type Choice, type Import, isRunning, type Preview } from './model'

export const PATH = '/api/connectors/imports'
type Plan = { mapping: Record<string, unknown>; options: unknown; form: Import['form'] }

export const useImports = () => usePages<Import>(PATH, {}, isRunning)

export const useImport = (id: string) =>
  useQuery({
    queryKey: [PATH, id],
    queryFn: () => api.get<Import>(`${PATH}/${id}`),
    refetchInterval: ({ state }) => (state.data && isRunning(state.data) ? 1_000 : false),
  })

export const usePreview = (id: string) =>
  useQuery({ queryKey: [PATH, id, 'preview'], queryFn: () => api.get<Preview>(`${PATH}/${id}/preview`), staleTime: Infinity })

/** Reads the file another way; the preview that belongs to it comes with it. */
export function useChoose(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (choice: Choice) => {
      const row = await api.put<Import>(`${PATH}/${id}/form`, choice)
      return { row, preview: await api.get<Preview>(`${PATH}/${id}/preview`) }
    },
    meta: { quiet: true },
    onSuccess: ({ row, preview }) => {
      queries.setQueryData([PATH, id, 'preview'], preview)
      queries.setQueryData([PATH, id], row)
      void queries.invalidateQueries({ queryKey: [PATH, {}] })
    },
  })
}

export const useCheck = (id: string) =>
  useMutation({ mutationFn: (plan: Plan) => api.post<Checked>(`${PATH}/${id}/check`, plan), meta: { quiet: true } })

export function useStart(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (plan: Plan) => api.post<Import>(`${PATH}/${id}/start`, plan),
    meta: { quiet: true },
    onSuccess: (started) => {
      queries.setQueryData([PATH, id], started)
      void queries.invalidateQueries({ queryKey: [PATH, {}] })
    },
  })
}

export function useDelete() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.delete(`${PATH}/${id}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: [PATH, {}] }),
  })
}
