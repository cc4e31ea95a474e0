import { queryOptions } from '@tanstack/react-query'
import { api } from '@/lib/client'

export type SignIn = { organisation: string; mail: boolean }

/** What the sign-in page may know before anybody is signed in. */
export const signInQuery = queryOptions({
  queryKey: ['sign-in'],
  queryFn: () => api.get<SignIn>('/api/sign-in'),
  staleTime: Infinity,
})
