import { describe, expect, it } from 'vitest'
import { deviceOf, differences, grouped, levelsWithin, passkeyObstacle, pending, safeNext, userStatus, verbInWords } from './model'

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

it('offers no level beyond one’s own, but keeps the present one', () => {
  const levels = ['all', 'owned', 'disabled'] as const
  expect(levelsWithin(levels, 'owned', 'disabled')).toEqual(['owned', 'disabled'])
  expect(levelsWithin(levels, 'disabled', 'all')).toEqual(['all', 'disabled'])
})

it('lists what changed with both sides', () => {
  expect(differences({ name: 'A', n: 1 }, { name: 'B', x: null })).toEqual([
    { key: 'name', before: 'A', after: 'B' },
    { key: 'n', before: '1', after: null },
    { key: 'x', before: null, after: 'null' },
  ])
  expect(differences(null, null)).toEqual([])
})

it('says verbs in words', () => expect(verbInWords('accounts.edit_user')).toBe('Edit user'))

it('names devices', () => {
  expect(deviceOf('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36')).toBe('Chrome on Linux')
  expect(deviceOf('curl/8')).toBe('curl/8')
})

it('knows who was only invited', () => {
  const base = { is_active: true, has_password: true, must_change_password: false }
  expect(userStatus(base).label).toBe('Active')
  expect(userStatus({ ...base, has_password: false }).label).toBe('Invited')
  expect(userStatus({ ...base, is_active: false }).label).toBe('Deactivated')
})
