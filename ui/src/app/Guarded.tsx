import { Center, Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { useEffect } from 'react'
import { ApiProblem, loginPath } from '@/lib/client'
import { sessionQuery } from '@/lib/session'
import { ErrorState, NoPermission } from '@/ui/ErrorState'
import { Shell } from './Shell'

/** A page for those who are signed in: it waits for the session, then shows inside the shell. */
export function Guarded({ permission }: { permission?: string }) {
  const session = useQuery(sessionQuery)
  const mustChange = session.data?.must_change_password
  useEffect(() => {
    if (mustChange) window.location.assign(loginPath(window.location) ?? '/login')
  }, [mustChange])
  if (session.data && !mustChange) {
    const level = permission ? session.data.permissions[permission] : 'all'
    return <Shell>{level && level !== 'disabled' ? <Outlet /> : <NoPermission page />}</Shell>
  }
  const isLeaving = session.error instanceof ApiProblem && session.error.status === 401
  return (
    <Center mih="100vh">
      {session.error && !isLeaving ? (
        <ErrorState page error={session.error} onRetry={() => void session.refetch()} />
      ) : (
        <Loader />
      )}
    </Center>
  )
}
