import { Center, Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Outlet, useMatches } from '@tanstack/react-router'
import { sessionQuery } from '@/lib/session'
import { ApiProblem } from '@/lib/client'
import { ErrorState, NoPermission } from '@/ui/ErrorState'
import { Shell } from './Shell'

/** Sign-in pages stand bare; every other page waits for the session, then shows inside the shell. */
export function Root() {
  const { bare, permission } = useMatches({ select: (matches) => matches.at(-1)?.staticData }) ?? {}
  const session = useQuery({ ...sessionQuery, enabled: !bare })
  if (bare) return <Outlet />
  if (session.data) {
    const level = permission ? session.data.permissions[permission] : 'all'
    return <Shell>{level && level !== 'disabled' ? <Outlet /> : <NoPermission />}</Shell>
  }
  const leaving = session.error instanceof ApiProblem && session.error.status === 401
  return (
    <Center mih="100vh">
      {session.error && !leaving ? (
        <ErrorState error={session.error} onRetry={() => void session.refetch()} />
      ) : (
        <Loader aria-label="Loading" />
      )}
    </Center>
  )
}
