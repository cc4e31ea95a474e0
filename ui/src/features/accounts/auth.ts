import { ApiProblem, api } from '@/lib/client'
import { type AuthBody, type Pending, pending } from './model'

const V1 = '/_allauth/browser/v1'

/** The answers of allauth to a step of signing in: 401 means "one more step", everything else is a refusal. */
async function step(call: Promise<AuthBody>): Promise<Pending> {
  try {
    return pending(await call)
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return pending(error.body as AuthBody)
    throw error
  }
}

type Options<T> = { data: T }
type RequestOptions = { request_options: { publicKey: PublicKeyCredentialRequestOptionsJSON } }
type CreationOptions = { creation_options: { publicKey: PublicKeyCredentialCreationOptionsJSON } }

async function assertion(path: string): Promise<unknown> {
  const { data } = await api.get<Options<RequestOptions>>(V1 + path)
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(data.request_options.publicKey)
  const credential = await navigator.credentials.get({ publicKey })
  return (credential as PublicKeyCredential).toJSON()
}

async function byPasskey(path: string): Promise<Pending> {
  const credential = await assertion(path)
  return step(api.post(V1 + path, { credential }))
}

/** Signing in, step by step; each resolves to what is still missing. */
export const signIn = {
  state: () => step(api.get(`${V1}/auth/session`)),
  password: (email: string, password: string) => step(api.post(`${V1}/auth/login`, { email, password })),
  code: (code: string) => step(api.post(`${V1}/auth/2fa/authenticate`, { code: code.replace(/\s/g, '') })),
  secondPasskey: () => byPasskey('/auth/webauthn/authenticate'),
  passkey: () => byPasskey('/auth/webauthn/login'),
  leave: () => step(api.delete(`${V1}/auth/session`)),
}

/** Proving once more that it is you, before security settings change. */
export const reauthenticate = {
  password: (password: string) => step(api.post(`${V1}/auth/reauthenticate`, { password })),
  code: (code: string) => step(api.post(`${V1}/auth/2fa/reauthenticate`, { code: code.replace(/\s/g, '') })),
  passkey: () => byPasskey('/auth/webauthn/reauthenticate'),
}

export const password = {
  change: (current_password: string, new_password: string) =>
    step(api.post(`${V1}/account/password/change`, { current_password, new_password })),
  forgotten: (email: string) => api.post<unknown>(`${V1}/auth/password/request`, { email }),
  check: (key: string) =>
    api.get<unknown>(`${V1}/auth/password/reset`, undefined, { headers: { 'X-Password-Reset-Key': key } }),
  /** Sets a password with a link's key; signing in comes after it. */
  reset: (key: string, password: string) => step(api.post(`${V1}/auth/password/reset`, { key, password })),
}

export type Authenticator = {
  id?: number
  type: 'totp' | 'webauthn' | 'recovery_codes'
  name?: string
  created_at: number
  last_used_at: number | null
  unused_code_count?: number
  total_code_count?: number
}
export type LoginSession = {
  id: number
  ip: string
  user_agent: string
  created_at: number
  last_seen_at?: number
  is_current: boolean
}

const data = async <T>(call: Promise<{ data: T }>) => (await call).data

/** Second factors and sessions of the person signed in. */
export const mine = {
  authenticators: () => data(api.get<{ data: Authenticator[] }>(`${V1}/account/authenticators`)),
  sessions: () => data(api.get<{ data: LoginSession[] }>(`${V1}/auth/sessions`)),
  endSessions: (sessions: number[]) => api.delete<unknown>(`${V1}/auth/sessions`, { sessions }),
  /** A fresh secret: allauth answers 404 with it while there is no authenticator app. */
  totpSecret: async (): Promise<{ secret: string; totp_url: string }> => {
    try {
      await api.get(`${V1}/account/authenticators/totp`)
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 404)
        return (error.body as { meta: { secret: string; totp_url: string } }).meta
      throw error
    }
    throw new Error('An authenticator app is set up already.')
  },
  addTotp: (code: string) => api.post<unknown>(`${V1}/account/authenticators/totp`, { code: code.replace(/\s/g, '') }),
  removeTotp: () => api.delete<unknown>(`${V1}/account/authenticators/totp`),
  addPasskey: async (name: string) => {
    const path = `${V1}/account/authenticators/webauthn`
    const { data } = await api.get<Options<CreationOptions>>(path, { passwordless: '1' })
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(data.creation_options.publicKey)
    const credential = await navigator.credentials.create({ publicKey })
    return api.post<unknown>(path, { name, credential: (credential as PublicKeyCredential).toJSON() })
  },
  removePasskey: (id: number) => api.delete<unknown>(`${V1}/account/authenticators/webauthn`, { authenticators: [id] }),
  newCodes: async () =>
    (await data(api.post<{ data: { unused_codes: string[] } }>(`${V1}/account/authenticators/recovery-codes`)))
      .unused_codes,
}

/** Whether a refusal asks to prove once more that it is you. */
export const asksAgain = (error: unknown) =>
  error instanceof ApiProblem &&
  error.status === 401 &&
  !!(error.body as { meta?: { is_authenticated?: boolean } } | null)?.meta?.is_authenticated
