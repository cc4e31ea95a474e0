import { describe, expect, it } from 'vitest'
import { answerOf, type Call, stateOf, underWay, type Webhook } from './model'

const webhook = (more: Partial<Webhook>) => ({ state: 'on', failures: 0, resting_until: null, ...more }) as Webhook
const call = (more: Partial<Call>) => ({ state: 'sent', status: 204, answer: '', error: '', ...more }) as Call

describe('a webhook', () => {
  it('says why it is not simply on', () => {
    const now = Date.parse('2026-03-01T00:00:00Z')
    expect(stateOf(webhook({}), now).label).toBe('On')
    expect(stateOf(webhook({ failures: 1 }), now).label).toBe('Failed last')
    expect(stateOf(webhook({ failures: 5, resting_until: '2026-03-01T00:01:00Z' }), now).label).toBe('Failing')
    expect(stateOf(webhook({ failures: 5, resting_until: '2026-02-28T00:00:00Z' }), now).label).toBe('Failed last')
    expect(stateOf(webhook({ state: 'gone' }), now).why).toContain('410')
  })
})

describe('a call', () => {
  it('shows the answer, or why there was none', () => {
    expect(answerOf(call({}))).toBe('204')
    expect(answerOf(call({ status: 500, answer: 'not now' }))).toBe('500 · not now')
    expect(answerOf(call({ status: 0, error: 'No connection' }))).toBe('No connection')
  })
  it('is under way while it waits', () => {
    expect(underWay([call({}), call({ state: 'waiting' })])).toBe(true)
    expect(underWay([call({ state: 'given_up' })])).toBe(false)
  })
})
