import { describe, expect, it } from 'vitest'
import { grouped, passkeyObstacle, pending, safeNext } from './model'

describe('pending', () => {
  it('is in when the session is authenticated', () => {
    expect(pending({ meta: { is_authenticated: true } })).toEqual({ kind: 'in' })
  })
  it('asks for the second factor that waits, and for nothing that does not', () => {
    const flows = [{ id: 'login' }, { id: 'mfa_authenticate', is_pending: true, types: ['totp' as const] }]
    expect(pending({ meta: { is_authenticated: false }, data: { flows } })).toEqual({ kind: 'second', factors: ['totp'] })
    expect(pending({ data: { flows: [{ id: 'mfa_authenticate' }] } })).toEqual({ kind: 'password' })
    expect(pending(null)).toEqual({ kind: 'password' })
  })
})

describe('safeNext', () => {
  const origin = 'https://ceap.example'
  it('keeps paths of this page', () => expect(safeNext('/customers?q=a#b', origin)).toBe('/customers?q=a#b'))
  it.each(['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/login', undefined, ''])(
    'never leaves it: %s',
    (next) => expect(safeNext(next, origin)).toBe('/'),
  )
})

describe('passkeyObstacle', () => {
  it('names localhost for loopback addresses', () => {
    expect(passkeyObstacle('127.0.0.1', true, '8000')).toContain('http://localhost:8000')
  })
  it('asks for https elsewhere', () => {
    expect(passkeyObstacle('ceap.example', false)).toContain('https')
    expect(passkeyObstacle('ceap.example', true)).toBeNull()
    expect(passkeyObstacle('localhost', true)).toBeNull()
  })
})

it('groups a secret by four', () => expect(grouped('ABCDEFGHIJ')).toBe('ABCD EFGH IJ'))
