import { afterEach, describe, expect, test, vi } from 'vitest'
import { ApiProblem, api, csrfTokenIn, loginPath, sentence, withParams } from './client'
import { safeNext } from './session'

function answer(status: number, body: unknown) {
  const requests: Request[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    requests.push(request)
    return new Response(body === undefined ? null : JSON.stringify(body), { status })
  })
  return requests
}

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error: unknown) => error as ApiProblem,
  )

afterEach(() => {
  document.cookie = 'csrftoken=; max-age=0'
})

describe('requests', () => {
  test('carry the CSRF token when they write, not when they read', async () => {
    document.cookie = 'csrftoken=abc123'
    const requests = answer(200, {})
    await api.get('/api/segments')
    await api.post('/api/segments', { name: 'Loyal' })
    expect(requests.map((request) => request.headers.get('X-CSRFToken'))).toEqual([null, 'abc123'])
    expect(await requests[1]!.json()).toEqual({ name: 'Loyal' })
    expect(requests[1]!.headers.get('Content-Type')).toBe('application/json')
  })

  test('carry the CSRF token of an https page, whose cookie has another name', () => {
    expect(csrfTokenIn('a=1; __Host-csrftoken=xyz; b=2')).toBe('xyz')
    expect(csrfTokenIn('notcsrftoken=xyz')).toBeUndefined()
  })

  test('leave the content type of a form to the browser', async () => {
    const requests = answer(200, {})
    await api.post('/api/imports', new FormData())
    expect(requests[0]!.headers.get('Content-Type')).toMatch(/^multipart\/form-data; boundary=/)
  })

  test('answered with nothing give nothing', async () => {
    answer(204, undefined)
    await expect(api.delete('/api/segments/1')).resolves.toBeUndefined()
  })
})

describe('refusals', () => {
  test('are read from problem+json, with their fields', async () => {
    answer(422, { title: 'Invalid', detail: 'Two fields need you.', errors: [{ field: 'name', message: 'Too long.' }] })
    const problem = await refusal(api.post('/api/segments', {}))
    expect(problem).toBeInstanceOf(ApiProblem)
    expect(problem).toMatchObject({ status: 422, title: 'Invalid', detail: 'Two fields need you.' })
    expect(problem!.fields).toEqual({ name: 'Too long.' })
  })

  test('of allauth name their parameter and keep the flows', async () => {
    const body = { status: 400, errors: [{ param: 'password', code: 'wrong', message: 'Wrong password.' }] }
    answer(400, body)
    const problem = await refusal(api.post('/_allauth/browser/v1/auth/login', {}))
    expect(problem!.fields).toEqual({ password: 'Wrong password.' })
    expect(problem!.message).toBe('Wrong password.')
    expect(problem!.body).toEqual(body)
  })

  test('that are not JSON still say something', async () => {
    vi.stubGlobal('fetch', async () => new Response('<html>', { status: 502, statusText: 'Bad Gateway' }))
    expect(sentence(await refusal(api.get('/api/session')))).toBe('Bad Gateway')
  })
})

test('a lost connection reads as a sentence', () => {
  expect(sentence(new TypeError('Failed to fetch'))).toMatch(/cannot be reached/)
})

test('parameters leave out what is empty and repeat lists', () => {
  const params = { q: 'a b', source: ['x', 'y'], page: 0, none: undefined, empty: '' }
  expect(withParams('/api/customers', params)).toBe('/api/customers?q=a+b&source=x&source=y&page=0')
  expect(withParams('/api/customers')).toBe('/api/customers')
})

test('strangers come back to the page they wanted, sign-in pages do not loop', () => {
  expect(loginPath({ pathname: '/customers', search: '?q=ann' })).toBe('/login?next=%2Fcustomers%3Fq%3Dann')
  expect(loginPath({ pathname: '/login/reset', search: '' })).toBeNull()
})

test.each([
  ['/customers?q=1', '/customers?q=1'],
  [undefined, '/'],
  ['https://evil.example', '/'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
])('after signing in, %s leads to %s', (next, page) => expect(safeNext(next)).toBe(page))
