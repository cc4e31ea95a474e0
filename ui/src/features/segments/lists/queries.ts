import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '@/lib/client'
import { upload } from '@/lib/upload'
import type { Segment } from '../model'
import type { How, IdList } from './model'

const PATH = '/api/segments'

/** Sends a file of ids and matches it; nothing is changed. */
export const useUploadList = (onProgress: (share: number) => void) =>
  useMutation({
    mutationFn: (file: File) => {
      const body = new FormData()
      body.append('file', file)
      return upload<IdList>(`${PATH}/lists`, body, {
        onProgress: (sent, total) => onProgress(total ? (sent / total) * 100 : 0),
      })
    },
    meta: { quiet: true },
    onSettled: () => onProgress(0),
  })

/** Matches a list by another column or kind of identity. */
export const useMatch = () =>
  useMutation({
    mutationFn: ({ id, column, by }: Pick<IdList, 'id' | 'column' | 'by'>) =>
      api.post<IdList>(`${PATH}/lists/${id}/match`, { column, by }),
    meta: { quiet: true },
  })

type Saved = { name: string; description: string; list: IdList | null; how: How }

/** Makes a segment of a list; or changes one: its name and description, then its members when there is a list. */
export function useSaveList(segment?: Segment) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ name, description, list, how }: Saved) => {
      if (!segment) return api.post<Segment>(`${PATH}/lists/${list?.id}/segment`, { name, description })
      let found = segment
      const { id } = segment
      if (name !== segment.name || description !== segment.description)
        found = await api.put<Segment>(`${PATH}/${id}`, { name, description, rule: {}, rule_version: found.rule_version })
      const body = { list_id: list?.id, how, rule_version: found.rule_version }
      return list ? api.post<Segment>(`${PATH}/${id}/upload`, body) : found
    },
    meta: { quiet: true },
    onSuccess: () => void queries.invalidateQueries({ predicate: ({ queryKey: [first] }) => String(first).includes('segments') }),
  })
}
