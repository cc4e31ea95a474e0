import { problemOf } from './problem'

export { ApiProblem, sentence } from './problem'

type Value = string | number | boolean | null | undefined
export type Params = Record<string, Value | readonly Value[]>
export type Options = { signal?: AbortSignal; headers?: Record<string, string> }

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

export const csrfTokenIn = (cookies: string) => /(?:^|;\s*)(?:__Host-)?csrftoken=([^;]+)/.exec(cookies)?.[1]
export const csrfToken = () => csrfTokenIn(document.cookie)

/** Where a stranger on this page signs in and comes back from; null on the sign-in pages themselves. */
export const loginPath = ({ pathname, search }: { pathname: string; search: string }) =>
  pathname.startsWith('/login') ? null : `/login?${new URLSearchParams({ next: pathname + search })}`

/** The one door to the server: adds the CSRF token, turns refusals into `ApiProblem`, sends strangers to the login. */
export async function send(request: Request): Promise<Response> {
  const token = csrfToken()
  if (token && !SAFE.has(request.method)) request.headers.set('X-CSRFToken', token)
  const response = await fetch(request)
  if (response.ok) return response
  const login = loginPath(window.location)
  if (response.status === 401 && login && new URL(request.url).pathname.startsWith('/api/')) window.location.assign(login)
  throw await problemOf(response)
}

/** `path` with its query string; empty values are left out, lists repeat the key. */
export function withParams(path: string, params: Params = {}): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(params))
    for (const one of [value].flat()) if (one != null && one !== '') query.append(key, String(one))
  const text = query.toString()
  return text ? `${path}?${text}` : path
}

async function call<T>(method: string, path: string, body?: unknown, options: Options = {}): Promise<T> {
  const raw = body === undefined || body instanceof FormData || body instanceof Blob
  const response = await send(
    new Request(new URL(path, window.location.origin), {
      method,
      body: raw ? body : JSON.stringify(body),
      headers: { Accept: 'application/json', ...(raw ? {} : { 'Content-Type': 'application/json' }), ...options.headers },
      signal: options.signal,
      credentials: 'same-origin',
    }),
  )
  const text = await response.text()
  return (text ? JSON.parse(text) : undefined) as T
}

/** Untyped endpoints and allauth. Bodies are sent as JSON unless they are a FormData or Blob. */
export const api = {
  get: <T>(path: string, params?: Params, options?: Options) =>
    call<T>('GET', withParams(path, params), undefined, options),
  post: <T>(path: string, body?: unknown, options?: Options) => call<T>('POST', path, body, options),
  put: <T>(path: string, body?: unknown, options?: Options) => call<T>('PUT', path, body, options),
  patch: <T>(path: string, body?: unknown, options?: Options) => call<T>('PATCH', path, body, options),
  delete: <T>(path: string, body?: unknown, options?: Options) => call<T>('DELETE', path, body, options),
}
