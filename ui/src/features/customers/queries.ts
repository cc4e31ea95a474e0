import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '@/lib/client'
import type { components } from '@/lib/schema.gen'
import { upload } from '@/lib/upload'
import { type Customer, type Customers, type Field, type RoleName, type Search, toParams, type Use, type Values, type View } from './model'

const PATH = '/api/customers'

/** The index, in the shape `DataGrid` takes, with the counts of its first page. */
export function useCustomers(search: Search) {
  const params = toParams(search)
  const query = useInfiniteQuery({
    queryKey: ['customers', 'list', params],
    queryFn: ({ pageParam, signal }) => api.get<Customers>(PATH, { ...params, cursor: pageParam }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
  })
  const first = query.data?.pages[0]
  return {
    counts: first,
    grid: {
      rows: query.data?.pages.flatMap((page) => page.items),
      total: first?.matched,
      error: query.error,
      fetching: query.isFetchingNextPage,
      stale: query.isPlaceholderData,
      onRetry: () => void query.refetch(),
      onMore: query.hasNextPage ? () => void (query.isFetchingNextPage || query.fetchNextPage()) : undefined,
    },
  }
}

export const useSuggestions = (field: string, search = '', enabled = true) =>
  useQuery({
    queryKey: ['customers', 'suggestions', field, search],
    queryFn: ({ signal }) => api.get<string[]>(`${PATH}/suggestions`, { field, search }, { signal }),
    enabled,
    staleTime: 60_000,
    placeholderData: (before) => before,
  })

export const usePeople = () =>
  useQuery({
    queryKey: ['people'],
    queryFn: () => api.get<{ items: { id: number | string; name: string }[] }>('/api/people'),
    select: ({ items }) => items,
    staleTime: 5 * 60_000,
  })

export const useFields = (retired = false) =>
  useQuery({
    queryKey: ['customers', 'fields', retired],
    queryFn: () => api.get<Field[]>(`${PATH}/fields`, { retired }),
    staleTime: 30_000,
  })

export const useRoleNames = () =>
  useQuery({ queryKey: ['customers', 'roles'], queryFn: () => api.get<RoleName[]>(`${PATH}/fields/roles`), staleTime: 60_000 })

const uses = (key: string) => ({
  queryKey: ['customers', 'uses', key],
  queryFn: () => api.get<Use[]>(`${PATH}/fields/${key}/uses`),
})

export const useFieldUses = (key: string) => useQuery(uses(key))

/** Asks for the uses of a field when they are needed. */
export function useFieldUsesNow() {
  const queries = useQueryClient()
  return (key: string) => queries.fetchQuery(uses(key))
}

export const useCustomer = (id: string) =>
  useQuery({ queryKey: ['customers', 'one', id], queryFn: () => api.get<Customer>(`${PATH}/${id}`) })

type Wire = components['schemas']

/** How far the erasing of the last copies of an erased customer is. */
export const useErasure = (id: string, enabled: boolean) =>
  useQuery({
    queryKey: ['customers', 'erasure', id],
    queryFn: () => api.get<Wire['ErasureOut']>(`${PATH}/${id}/erasure`),
    enabled,
    retry: false,
    refetchInterval: ({ state }) => (state.data && state.data.state !== 'done' ? 5000 : false),
  })

/** Whether there is a legal hold over a customer. */
export const usePrivacy = (id: number, enabled: boolean) =>
  useQuery({ queryKey: ['customers', 'privacy', id], queryFn: () => api.get<Wire['PrivacyOut']>(`${PATH}/${id}/privacy`), enabled })

export const useViews = () =>
  useQuery({ queryKey: ['customers', 'views'], queryFn: () => api.get<View[]>(`${PATH}/views`) })

/** A write after which everything shown of customers is asked for again. */
export function useWrite<Input, Output = unknown>(write: (input: Input) => Promise<Output>, { quiet = false } = {}) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: write,
    meta: { quiet },
    onSuccess: () => queries.invalidateQueries({ queryKey: ['customers'] }),
  })
}

export const useCreate = () => useWrite((values: Values) => api.post<Customer>(PATH, { values }), { quiet: true })

export const useUpdate = (id: string | number) =>
  useWrite((body: { values: Values; version: number }) => api.patch<Customer>(`${PATH}/${id}`, body), { quiet: true })

/** Keeps a file, or a drawn signature, in a field of a customer. */
export const useAddFile = (id: number, key: string) =>
  useWrite(
    (file: File) => {
      const body = new FormData()
      body.append('file', file)
      return upload<Customer>(`${PATH}/${id}/fields/${key}/files`, body)
    },
    { quiet: true },
  )

export const useRemoveFile = (id: number) =>
  useWrite((file: string) => api.delete<Customer>(`${PATH}/${id}/files/${file}`), { quiet: true })
