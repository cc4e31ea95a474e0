import { useQuery } from '@tanstack/react-query'
import { api } from '@/lib/client'
import type { components } from '@/lib/schema.gen'
import type { NavItem } from './navigation'

const SEGMENTS = '/segments'
const MOST = 7

type Listed = Pick<components['schemas']['SegmentRow'], 'id' | 'name'>

/** The entries with the newest segments, up to seven, under Segments; without any, that there are none and how to begin. */
export const withSegments = (items: NavItem[], newest: Listed[] | undefined, canAdd = false): NavItem[] =>
  items.map((item) => {
    const children = item.children ?? []
    const at = children.findIndex(({ to }) => to === SEGMENTS)
    if (at < 0) return item
    const listed = (newest ?? [])
      .slice(0, MOST)
      .map(({ id, name }): NavItem => ({ label: name, to: `${SEGMENTS}/${id}`, ready: true, named: true }))
    if (newest?.length === 0) {
      listed.push({ label: 'No segments yet', to: '', ready: true, note: true })
      if (canAdd) listed.push({ label: 'Create segment', to: `${SEGMENTS}/new`, ready: true, named: true })
    }
    return { ...item, children: [...children.slice(0, at + 1), ...listed, ...children.slice(at + 1)] }
  })

/** The newest segments that this person may see, newest first; nothing is asked unless `enabled`. */
export const useNewestSegments = (enabled: boolean): Listed[] | undefined =>
  useQuery({
    queryKey: ['segments', 'newest', MOST],
    queryFn: () => api.get<{ items: Listed[] }>('/api/segments', { limit: MOST }),
    enabled,
    staleTime: 30_000,
    meta: { quiet: true },
  }).data?.items
