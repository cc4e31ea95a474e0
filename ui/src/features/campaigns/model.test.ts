import { describe, expect, it } from 'vitest'
import { behind, bodyOf, type Campaign, chartOf, fillOf, formOf, grouped, levels, needs, parts, reasonAgainst, roiText } from './model'

const campaign = {
  name: 'Spring', type: 'nurture', objective: '', segment: { id: 's1', name: 'Loyal' }, exclusions: [{ id: 's2', name: 'Out' }],
  content: null, mapping: { name: { path: 'customer.full_name', fallback: 'you', hidden: false }, '1': { path: '', fallback: 'x', hidden: true } }, sender_id: null, schedule: { kind: 'at', local: '2026-12-01T10:00', zone: 'recipient' },
  send_within_hours: 24, budget: '12.50', cost_fixed: '10.00', cost_per_message: '0.002000', conversion_days: 7,
} as unknown as Campaign

const check = (level: 'ok' | 'warning' | 'error', step: string) => ({ key: step, level, message: '', step })
const point = (at: string, sent: number, clicked = 0) => ({ at, sent, clicked, delivered: 0, opened: 0, unsubscribed: 0, bounced: 0 })

describe('the form', () => {
  it('goes to the server as it came from it', () => {
    expect(bodyOf(formOf(campaign))).toEqual({
      name: 'Spring', type: 'nurture', objective: '', segment_id: 's1', exclusions: ['s2'], content_version_id: null,
      mapping: { name: { path: 'customer.full_name', fallback: 'you' }, '1': { fallback: 'x' } }, sender_id: null, schedule: campaign.schedule, send_within_hours: 24, budget: '12.5', cost_fixed: '10',
      cost_per_message: '0.002', conversion_days: 7,
    })
  })
  it('sends no time when it starts at once', () => {
    expect(bodyOf({ ...formOf(campaign), when: 'now' }).schedule).toEqual({ kind: 'now' })
  })
})

describe('variables', () => {
  it('need a field or a fallback', () => {
    const form = formOf(campaign)
    expect(['name', '1', 'other'].map((name) => needs(fillOf(form, name)))).toEqual([false, false, true])
    expect(needs({ path: '', fallback: '  ', hidden: false })).toBe(true)
    expect(needs({ path: '', fallback: '', hidden: true })).toBe(false)
  })
  it('are offered every field, in its group', () => {
    const fields = [{ path: 'a', label: 'A', group: 'One' }, { path: 'b', label: 'B', group: 'Two' }, { path: 'c', label: 'C', group: 'One' }]
    expect(grouped(fields)).toEqual([
      { group: 'One', items: [{ value: 'a', label: 'A' }, { value: 'c', label: 'C' }] },
      { group: 'Two', items: [{ value: 'b', label: 'B' }] },
    ])
  })
})

describe('parts', () => {
  it('add to what was planned and leave out what does not occur', () => {
    const found = parts({ sent: 7, planned: 2, failed: 1, quiet: 0 })
    expect(found.map(({ state }) => state)).toEqual(['sent', 'planned', 'failed'])
    expect(found.reduce((sum, { count }) => sum + count, 0)).toBe(10)
  })
  it('knows every state of a delivery', () => {
    const states = ['planned', 'claimed', 'sending', 'sent', 'failed', 'suppressed', 'capped', 'quiet', 'expired', 'cancelled', 'unknown']
    expect(parts(Object.fromEntries(states.map((state) => [state, 1])))).toHaveLength(11)
  })
})

describe('levels', () => {
  it('is the worst of each step, and a check of an unknown step belongs to the last', () => {
    expect(levels([check('ok', 'audience'), check('warning', 'audience'), check('error', 'schedule'), check('error', 'elsewhere')])).toEqual({
      audience: 'warning', message: 'ok', schedule: 'error', check: 'error',
    })
  })
})

describe('levels of the last step', () => {
  it('are in order only when every step before it is', () => {
    const withoutMessage = levels([check('ok', 'audience'), check('error', 'message'), check('ok', 'check')])
    expect([withoutMessage.audience, withoutMessage.check]).toEqual(['ok', 'error'])
    expect(levels([check('ok', 'audience'), check('warning', 'schedule'), check('ok', 'check')]).check).toBe('warning')
    expect(levels([check('ok', 'audience'), check('ok', 'check')]).check).toBe('ok')
  })
})

describe('chartOf', () => {
  it('fills the holes of a timeline and leaves out what never happened', () => {
    const chart = chartOf(
      { unit: 'minute', points: [point('2026-11-21T10:00:00Z', 3), point('2026-11-21T10:02:00Z', 1, 1)] },
      (at) => at.toISOString().slice(11, 16),
    )
    expect(chart.categories).toEqual(['10:00', '10:01', '10:02'])
    expect(chart.series).toEqual([{ name: 'Sent', values: [3, 0, 1] }, { name: 'Clicked', values: [0, 0, 1] }])
  })
  it('is empty when nothing has happened', () => {
    expect(chartOf({ unit: 'minute', points: [] }, String)).toEqual({ categories: [], series: [] })
  })
})

describe('words', () => {
  it('says the return as a percentage with its sign', () => {
    expect([roiText(2.5), roiText(-1), roiText(0), roiText(null)]).toEqual(['+250 %', '−100 %', '0 %', '–'])
  })
  it('says how many seconds the figures are behind', () => {
    expect(behind('2026-11-21T10:00:00Z', Date.parse('2026-11-21T10:00:01.600Z'))).toBe(2)
    expect(behind(null, 0)).toBeNull()
  })
  it('names the first reason, and the role before all others', () => {
    expect(reasonAgainst(true, null, 'Save first.', 'Other')).toBe('Save first.')
    expect(reasonAgainst(false, 'Save first.')).toBe('Your role does not allow this.')
    expect(reasonAgainst(true, false)).toBeNull()
  })
})
