import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '@/lib/client'
import { type Customer, type Customers, type Field, type Search, toParams, type Values, type View } from './model'

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

export const useCustomer = (id: string) =>
  useQuery({ queryKey: ['customers', 'one', id], queryFn: () => api.get<Customer>(`${PATH}/${id}`) })

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
