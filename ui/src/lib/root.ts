import { createRootRoute } from '@tanstack/react-router'

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    /** The permission key without which the page is not shown. */
    permission?: string
    /** Shown without a session and without the shell: sign-in pages. */
    bare?: boolean
  }
}

/** The parent every feature hangs its routes on; `app/router.tsx` gives it the shell. */
export const rootRoute = createRootRoute()
export type Root = typeof rootRoute
