import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '@/lib/client'
import { type Checked, type Choice, type Import, type Imports, isRunning, type Preview } from './model'

const PATH = '/api/connectors/imports'
type Plan = { mapping: Record<string, unknown>; options: unknown; form: Import['form'] }

export const useImports = () =>
  useQuery({
    queryKey: ['imports'],
    queryFn: () => api.get<Imports>(PATH),
    refetchInterval: ({ state }) => (state.data?.items.some(isRunning) ? 2_000 : false),
  })

export const useImport = (id: string) =>
  useQuery({
    queryKey: ['imports', id],
    queryFn: () => api.get<Import>(`${PATH}/${id}`),
    refetchInterval: ({ state }) => (state.data && isRunning(state.data) ? 1_000 : false),
  })

export const usePreview = (id: string) =>
  useQuery({ queryKey: ['imports', id, 'preview'], queryFn: () => api.get<Preview>(`${PATH}/${id}/preview`), staleTime: Infinity })

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
      queries.setQueryData(['imports', id, 'preview'], preview)
      queries.setQueryData(['imports', id], row)
      void queries.invalidateQueries({ queryKey: ['imports'], exact: true })
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
      queries.setQueryData(['imports', id], started)
      void queries.invalidateQueries({ queryKey: ['imports'], exact: true })
    },
  })
}

export function useDelete() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => api.delete(`${PATH}/${id}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['imports'], exact: true }),
  })
}
