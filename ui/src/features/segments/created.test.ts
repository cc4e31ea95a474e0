import { beforeEach, expect, test } from 'vitest'
import { setViewerZone } from '@/lib/dates'
import { boundsOf, createdBounds, monthOf, periodOf, presetOf, weekOf } from './created'

beforeEach(() => setViewerZone('Asia/Colombo'))

test('a day of the viewer is a range of UTC, half an hour zones too', () => {
  expect(createdBounds({ from: '2026-11-21', to: '2026-11-21' })).toEqual({
    created_from: '2026-11-20T18:30:00.000Z',
    created_before: '2026-11-21T18:30:00.000Z',
  })
  expect(createdBounds({})).toEqual({ created_from: undefined, created_before: undefined })
})

test('a day with a change of clocks lasts 23 hours', () => {
  setViewerZone('Europe/London')
  const { created_from, created_before } = createdBounds({ from: '2026-03-29', to: '2026-03-29' })
  expect(Date.parse(created_before!) - Date.parse(created_from!)).toBe(23 * 3_600_000)
})

test('weeks begin on Monday, months end on their last day', () => {
  expect(weekOf('2026-11-22')).toEqual({ from: '2026-11-16', to: '2026-11-22' })
  expect(weekOf('2026-11-16')).toEqual({ from: '2026-11-16', to: '2026-11-22' })
  expect(monthOf('2028-02-11')).toEqual({ from: '2028-02-01', to: '2028-02-29' })
  expect(monthOf('2026-12-31')).toEqual({ from: '2026-12-01', to: '2026-12-31' })
})

test('what the address says is shown as what was chosen', () => {
  const today = '2026-11-21'
  for (const preset of ['all', 'today', 'week'] as const) expect(presetOf(boundsOf(preset, today), today)).toBe(preset)
  expect(presetOf(weekOf(today), today)).toBe('custom')
  expect(periodOf(weekOf(today))).toBe('week')
  expect(periodOf(monthOf(today))).toBe('month')
  expect(periodOf({ from: today, to: today })).toBe('day')
  expect(periodOf({ from: '2026-11-03', to: '2026-11-19' })).toBe('range')
})
