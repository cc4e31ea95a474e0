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
