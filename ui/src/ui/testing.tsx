import { MantineProvider } from '@mantine/core'
import { ModalsProvider } from '@mantine/modals'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { act, render } from '@testing-library/react'
import type { ReactNode } from 'react'
import { vi } from 'vitest'
import { type Session, sessionQuery } from '@/lib/session'
import { dialogsAreThere } from './confirm'

export const someSession: Session = {
  user: { id: '1', name: 'Ada Okafor', email: 'ada@example.org', role: 'Administrator', time_zone: 'Europe/Amsterdam' },
  permissions: {},
  environment: { scenario: 'retail', label: 'Demo', synthetic: true },
  organisation: { name: 'Northwind Gifts', time_zone: 'Europe/London', currency: 'GBP' },
}

/** Renders inside what the app provides: theme, queries, a signed-in session, a router at `at`. */
export async function renderUi(ui: ReactNode, { session = {}, at = '/' }: { session?: Partial<Session>; at?: string } = {}) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  queries.setQueryData(sessionQuery.queryKey, { ...someSession, ...session })
  const router = createRouter({
    routeTree: createRootRoute({ component: () => ui, notFoundComponent: () => ui }),
    history: createMemoryHistory({ initialEntries: [at] }),
  })
  await router.load()
  dialogsAreThere()
  const view = await act(async () =>
    render(
      <MantineProvider env="test">
        <QueryClientProvider client={queries}>
          <ModalsProvider>
            <RouterProvider router={router as never} />
          </ModalsProvider>
        </QueryClientProvider>
      </MantineProvider>,
    ),
  )
  return { ...view, router, queries }
}

type Answer = { status?: number; body?: unknown }

/** Answers requests by "METHOD /path" (query string aside); returns the requests that came. */
export function stubApi(answers: Record<string, Answer | ((request: Request) => Answer | Promise<Answer>)>) {
  const requests: Request[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    requests.push(request.clone())
    const key = `${request.method} ${new URL(request.url).pathname}`
    const answer = answers[key] ?? { status: 404, body: { title: `No answer for ${key}` } }
    const { status = 200, body = null } = typeof answer === 'function' ? await answer(request) : answer
    return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } })
  })
  return requests
}
