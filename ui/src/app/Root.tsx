import { Outlet, useMatches } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'

const Guarded = lazy(() => import('./Guarded').then((file) => ({ default: file.Guarded })))
const Overlays = lazy(() => import('./Overlays').then((file) => ({ default: file.Overlays })))

/** Sign-in pages stand bare, and without loading what only the others need: those show inside the shell. */
export function Root() {
  const { bare, permission } = useMatches({ select: (matches) => matches.at(-1)?.staticData }) ?? {}
  return (
    <>
      <Suspense>{bare ? <Outlet /> : <Guarded permission={permission} />}</Suspense>
      <Suspense>{!bare && <Overlays />}</Suspense>
    </>
  )
}
