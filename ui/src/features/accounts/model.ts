/** Pure decisions of signing in and of roles; no React, no network. */

export type Flow = { id: string; is_pending?: boolean; types?: Factor[] }
export type Factor = 'totp' | 'webauthn' | 'recovery_codes'
export type AuthBody = { meta?: { is_authenticated?: boolean }; data?: { flows?: Flow[] } } | null

/** What allauth waits for after an answer: nothing more, a second factor (of these kinds), or the password. */
export type Pending = { kind: 'in' } | { kind: 'second'; factors: Factor[] } | { kind: 'password' }

export function pending(body: AuthBody): Pending {
  if (body?.meta?.is_authenticated) return { kind: 'in' }
  const second = body?.data?.flows?.find((flow) => flow.id === 'mfa_authenticate' && flow.is_pending)
  return second ? { kind: 'second', factors: second.types ?? ['totp'] } : { kind: 'password' }
}

/** Where to go after signing in: a path of this page, never another site. */
export function safeNext(next: string | undefined, origin: string): string {
  if (!next?.startsWith('/')) return '/'
  const url = new URL(next, origin)
  return url.origin === origin && !url.pathname.startsWith('/login') ? url.pathname + url.search + url.hash : '/'
}

/** Why passkeys do not work at this address; null when they do. Browsers tie them to a host name. */
export function passkeyObstacle(hostname: string, secure: boolean, port = ''): string | null {
  const isAddress = /^[\d.]+$/.test(hostname) || hostname.includes(':')
  if (isAddress) {
    const loopback = hostname.startsWith('127.') || hostname === '[::1]'
    return loopback
      ? `Passkeys need a host name: open this page at http://localhost${port && `:${port}`} instead.`
      : 'Passkeys need a host name: this page was opened at a bare address.'
  }
  return secure ? null : 'Passkeys need https.'
}

/** "abcd efgh …": a TOTP secret as one types it. */
export const grouped = (secret: string) => secret.match(/.{1,4}/g)?.join(' ') ?? ''

export type Reach = 'all' | 'owned' | 'disabled'
const RANK: Record<Reach, number> = { disabled: 0, owned: 1, all: 2 }

/** The levels to choose from: what the key has, up to one's own level, and the one it has now. */
export const levelsWithin = (levels: readonly Reach[], own: Reach, now: Reach): Reach[] =>
  levels.filter((level) => RANK[level] <= RANK[own] || level === now)

type Standing = { is_active: boolean; has_password: boolean; must_change_password: boolean }

export function userStatus(user: Standing): { status: string; label: string } {
  if (!user.is_active) return { status: 'inactive', label: 'Deactivated' }
  if (!user.has_password || user.must_change_password) return { status: 'invited', label: 'Invited' }
  return { status: 'active', label: 'Active' }
}

function shown(value: unknown): string | null {
  if (value === undefined) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What changed, key by key, for an audit entry; values as short JSON. */
export function differences(
  before: Record<string, unknown> | null,
  after: Record<string, unknown> | null,
): { key: string; before: string | null; after: string | null }[] {
  const keys = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return keys.map((key) => ({ key, before: shown(before?.[key]), after: shown(after?.[key]) }))
}

/** "accounts.edit_user" → "Edit user". */
export function verbInWords(verb: string): string {
  const words = verb.slice(verb.indexOf('.') + 1).replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** "Firefox on Linux", from a user agent; the agent itself when nothing is recognised. */
export function deviceOf(agent: string): string {
  const browser =
    (/Edg\//.test(agent) && 'Edge') ||
    (/Firefox\//.test(agent) && 'Firefox') ||
    (/Chrome\//.test(agent) && 'Chrome') ||
    (/Safari\//.test(agent) && 'Safari')
  const system =
    (/Windows/.test(agent) && 'Windows') ||
    (/iPhone|iPad/.test(agent) && 'iOS') ||
    (/Android/.test(agent) && 'Android') ||
    (/Mac OS/.test(agent) && 'macOS') ||
    (/Linux/.test(agent) && 'Linux')
  if (!browser) return agent.slice(0, 60) || 'Unknown'
  return system ? `${browser} on ${system}` : browser
}

/** The moment that many days from now; null for never or nonsense. */
export function expiry(days: string, now: number): string | null {
  const number = Number.parseInt(days, 10)
  return number > 0 ? new Date(now + number * 86_400_000).toISOString() : null
}

export function keyStatus(key: { revoked_at: string | null; expires_at: string | null }, now: number): string {
  if (key.revoked_at) return 'revoked'
  return key.expires_at && new Date(key.expires_at).getTime() <= now ? 'expired' : 'active'
}

/** The first moment of a day ("2026-03-29") in the viewer's zone of the browser, in UTC. */
export const dayStart = (day: string | undefined): string | undefined =>
  day ? new Date(`${day}T00:00:00`).toISOString() : undefined

/** The first moment after that day. */
export function dayEnd(day: string | undefined): string | undefined {
  if (!day) return undefined
  const date = new Date(`${day}T00:00:00`)
  date.setDate(date.getDate() + 1)
  return date.toISOString()
}
