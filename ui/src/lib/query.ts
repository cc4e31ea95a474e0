import { MutationCache, QueryClient, useInfiniteQuery } from '@tanstack/react-query'
import { notifications } from '@mantine/notifications'
import { ApiProblem, api, sentence, type Params } from './client'

/** One keyset page, as the server sends it: `next` is the cursor of the following page. */
export type Page<T> = { items: T[]; next: string | null; total?: number | null }

const isRefusal = (error: unknown) => error instanceof ApiProblem && error.status < 500

/** Refusals are final, everything else is tried three times; a failed write is announced unless `meta.quiet`. */
export const createQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: { staleTime: 10_000, retry: (count, error) => !isRefusal(error) && count < 2 },
    },
    mutationCache: new MutationCache({
      onError: (error, _variables, _context, mutation) => {
        if (!mutation.meta?.quiet) notifications.show({ color: 'red', message: sentence(error) })
      },
    }),
  })

/**
 * A keyset-paged list, in the shape `DataGrid` takes: `<DataGrid {...usePages<Row>('/api/customers', search)} …/>`.
 * Asked for again every two seconds while a row `isBusy`.
 */
export function usePages<T>(path: string, params: Params = {}, isBusy: (row: T) => boolean = () => false) {
  const query = useInfiniteQuery({
    queryKey: [path, params],
    queryFn: ({ pageParam, signal }) => api.get<Page<T>>(path, { ...params, cursor: pageParam }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    refetchInterval: ({ state }) => (state.data?.pages.some((page) => page.items.some(isBusy)) ? 2_000 : false),
  })
  const more = () => {
    if (!query.isFetchingNextPage) void query.fetchNextPage()
  }
  return {
    rows: query.data?.pages.flatMap((page) => page.items),
    total: query.data?.pages[0]?.total ?? undefined,
    error: query.error,
    fetching: query.isFetchingNextPage,
    stale: query.isPlaceholderData,
    onRetry: () => void query.refetch(),
    onMore: query.hasNextPage ? more : undefined,
  }
}
