import { Center, Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Outlet, useMatches } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import { ApiProblem, loginPath } from '@/lib/client'
import { sessionQuery } from '@/lib/session'
import { ErrorState, NoPermission } from '@/ui/ErrorState'
import { Shell } from './Shell'

const Overlays = lazy(() => import('./Overlays').then((file) => ({ default: file.Overlays })))

/** Sign-in pages stand bare; every other page waits for the session, then shows inside the shell. */
export function Root() {
  const { bare, permission } = useMatches({ select: (matches) => matches.at(-1)?.staticData }) ?? {}
  return (
    <>
      {bare ? <Outlet /> : <Guarded permission={permission} />}
      <Suspense>
        <Overlays />
      </Suspense>
    </>
  )
}

function Guarded({ permission }: { permission?: string }) {
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
        <Loader aria-label="Loading" />
      )}
    </Center>
  )
}
