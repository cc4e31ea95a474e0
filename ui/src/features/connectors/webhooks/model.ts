import type { components } from '@/lib/schema.gen'

type Schemas = components['schemas']
export type Webhook = Schemas['WebhookOut']
export type Call = Schemas['WebhookCallOut']
export type WithSecret = Schemas['WebhookSecretOut']

export const HAPPENINGS = [
  { value: 'segment.entered', label: 'A customer enters a segment' },
  { value: 'segment.left', label: 'A customer leaves a segment' },
]

/** The state of a webhook in a word, and why it is not simply on. */
export function stateOf(webhook: Webhook, now: number): { status: string; label: string; why: string } {
  if (webhook.state === 'gone')
    return { status: 'inactive', label: 'Gone', why: 'Its server answered that it wants no more (410).' }
  if (webhook.state === 'off') return { status: 'inactive', label: 'Off', why: '' }
  if (webhook.resting_until && Date.parse(webhook.resting_until) > now)
    return { status: 'failed', label: 'Failing', why: 'It failed several times in a row and is left alone for a while.' }
  if (webhook.failures > 0) return { status: 'warning', label: 'Failed last', why: '' }
  return { status: 'active', label: 'On', why: '' }
}

/** Whether anything of these calls is still on its way. */
export const underWay = (calls: Call[] | undefined) => calls?.some((call) => call.state === 'waiting') ?? false

/** What came back the last time: "204", "500 · not now", or why there was no answer. */
export function answerOf(call: Call): string {
  const status = call.status ? String(call.status) : ''
  return [status, call.error || call.answer].filter(Boolean).join(' · ')
}
