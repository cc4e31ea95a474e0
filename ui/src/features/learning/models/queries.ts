import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '@/lib/client'
import { upload } from '@/lib/upload'
import type { Comparison, Match, ModelFile, Plan, PlanIn, Role, Row, Scoring, State, Version } from './model'

const PATH = '/api/learning'
const KEY = 'learning'
type List<T> = { items: T[]; total: number }
type Started = { job: string }
type Table = { rows: Row[]; edited: boolean; traits: string[] }
export type Deployment = { version: number; by: string; at: string }

const isAtWork = ({ jobs }: State) => jobs.some(({ state }) => state === 'queued' || state === 'running')

/** How the model is; looked at again while something is at work. */
export const useModelState = () =>
  useQuery({
    queryKey: [KEY, 'state'],
    queryFn: () => api.get<State>(`${PATH}/state`),
    refetchInterval: ({ state }) => (state.data && isAtWork(state.data) ? 1_500 : 15_000),
  })

export const useVersions = () => useQuery({ queryKey: [KEY, 'versions'], queryFn: () => api.get<List<Version>>(`${PATH}/versions`) })
export const useDeployments = () =>
  useQuery({ queryKey: [KEY, 'deployments'], queryFn: () => api.get<List<Deployment>>(`${PATH}/deployments`) })
export const useScorings = () => useQuery({ queryKey: [KEY, 'scorings'], queryFn: () => api.get<List<Scoring>>(`${PATH}/scorings`) })
export const usePlan = () => useQuery({ queryKey: [KEY, 'schedule'], queryFn: () => api.get<Plan>(`${PATH}/schedule`) })
export const useRecommendations = () =>
  useQuery({ queryKey: [KEY, 'recommendations'], queryFn: () => api.get<Table>(`${PATH}/recommendations`) })

export const useFiles = (enabled: boolean) =>
  useQuery({
    queryKey: [KEY, 'files'],
    queryFn: () => api.get<List<ModelFile>>(`${PATH}/files`),
    enabled,
    refetchInterval: ({ state }) => (state.data?.items.some(({ look }) => !look) ? 1_500 : false),
  })

export const useComparison = (version: number) =>
  useQuery({
    queryKey: [KEY, 'comparison', version],
    queryFn: () => api.get<{ comparison: Comparison | null }>(`${PATH}/versions/${version}/comparison`),
  })

/** Everything about the model is asked for again: something ended, or was changed. */
export function useRefresh() {
  const queries = useQueryClient()
  return () =>
    void queries.invalidateQueries({
      predicate: ({ queryKey: [first] }) => first === KEY || first === 'discovered' || String(first).includes('segment'),
    })
}

function useChange<T, R = Started>(change: (what: T) => Promise<R>) {
  const refresh = useRefresh()
  return useMutation({ mutationFn: change, meta: { quiet: true }, onSettled: refresh })
}

export type Training = { file: string | null; seed: number; segments: number | null }
export const useTrain = () => useChange((what: Training) => api.post<Started>(`${PATH}/train`, what))
export const useDeploy = () => useChange((version: number) => api.post(`/api/segments/discovered/versions/${version}/deploy`))
export const useCompare = () => useChange((version: number) => api.post<Started>(`${PATH}/versions/${version}/comparison`))
export const useEvaluate = (version: number) =>
  useChange((file: string) => api.post<Started>(`${PATH}/versions/${version}/evaluation`, { file }))
export const useScoreFile = () => useChange((file: string) => api.post<Started>('/api/segments/discovered/score', { file }))
export const useDeleteFile = () => useChange((id: string) => api.delete(`${PATH}/files/${id}`))
export const useSetPlan = () => useChange((plan: PlanIn) => api.put<Plan>(`${PATH}/schedule`, plan))
export const useSetRecommendations = () => useChange((rows: Row[]) => api.put<Table>(`${PATH}/recommendations`, { rows }))
export const useRestoreRecommendations = () => useChange(() => api.delete<Table>(`${PATH}/recommendations`))

export type Decision = { id: string; columns: Record<string, Role>; match: Match; add: boolean }
export const useDecide = () =>
  useChange(({ id, ...rest }: Decision) => api.put<Started>(`${PATH}/files/${id}`, rest))

export const useUpload = (onProgress: (share: number) => void) =>
  useChange((file: File) => {
    const body = new FormData()
    body.append('file', file)
    return upload<{ file: ModelFile; job: string }>(`${PATH}/files`, body, {
      onProgress: (sent, total) => onProgress(total ? (sent / total) * 100 : 0),
    })
  })
