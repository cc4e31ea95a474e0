import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { api } from './client'
import { setViewerZone } from './dates'

export type Level = 'all' | 'owned' | 'disabled'

export type Session = {
  user: { id: string; name: string; email: string; role: string; time_zone: string | null }
  permissions: Record<string, Level>
  environment: { scenario: string | null; label: string; synthetic: boolean }
  organisation: { name: string; time_zone: string; currency: string }
  must_change_password?: boolean
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async () => {
    const session = await api.get<Session>('/api/session')
    setViewerZone(session.user.time_zone)
    return session
  },
  staleTime: 5 * 60_000,
})

/** Who is signed in, where, and what they may do. The shell has loaded it before any page shows. */
export const useSession = () => useSuspenseQuery(sessionQuery).data

/** The level of a permission key: "disabled" when the role does not know it. */
export const useLevel = (key: string): Level => useSession().permissions[key] ?? 'disabled'

/** Whether the key is granted at all ("all" or "owned"). */
export const useCan = (key: string) => useLevel(key) !== 'disabled'

/** Where to go after signing in: `next` when it is a page of ours, else Home. */
export const safeNext = (next: string | undefined) => (next && /^\/(?![/\\])/.test(next) ? next : '/')
