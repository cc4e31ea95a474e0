import { useNavigate } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { useDelete, useVerb } from './queries'

/** What can be done with a segment from its page and from the list. */
export function useVerbs({ id, name, archived }: { id: string; name: string; archived: boolean }) {
  const navigate = useNavigate()
  const verb = useVerb()
  const gone = useDelete(() => navigate({ to: '/segments', search: { archived: true } }))
  return {
    /** Archives after a confirmation, or brings back. */
    archive: async () => {
      const text = t('“{{name}}” leaves the active lists and is no longer recalculated. You can bring it back.', { name })
      if (archived || (await confirm({ title: t('Archive this segment?'), text, action: t('Archive') })))
        verb.mutate({ id, verb: archived ? 'unarchive' : 'archive' })
    },
    /** Makes “Copy of …” and opens its edit page. */
    duplicate: async () => {
      const copy = await verb.mutateAsync({ id, verb: 'duplicate' })
      await navigate({ to: '/segments/$id/edit', params: { id: copy.id } })
    },
    /** Stops the recalculation that waits or runs. */
    cancel: () => verb.mutate({ id, verb: 'cancel' }),
    /** Deletes after a confirmation; refused, with the names, while something uses it. */
    remove: async () => {
      const text = t('“{{name}}” is deleted with its history. This cannot be undone.', { name })
      if (!(await confirm({ title: t('Delete this segment?'), text, action: t('Delete'), danger: true }))) return
      gone.mutate(id)
    },
    recalculate: () => verb.mutate({ id, verb: 'recalculate' }),
    isPending: verb.isPending,
  }
}
