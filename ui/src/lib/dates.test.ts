import { beforeEach, expect, test } from 'vitest'
import {
  addDays, dayOf, formatDate, formatDateTime, formatDuration, formatRelative, setViewerZone, startOfDay, viewerZone, zoneHint,
} from './dates'

beforeEach(() => setViewerZone('Europe/Amsterdam'))

test('moments show in the zone of the viewer', () => {
  expect(formatDateTime('2025-11-12T23:42:00Z')).toBe('13 Nov 2025, 00:42')
  expect(formatDateTime('2025-11-12T23:42:00Z', 'America/New_York')).toBe('12 Nov 2025, 18:42')
})

test('a bare day is that day everywhere', () => {
  setViewerZone('America/Los_Angeles')
  expect(formatDate('2025-11-12')).toBe('12 Nov 2025')
})

test('the hint names the zone, its offset on that day, and UTC', () => {
  expect(zoneHint('2025-07-01T08:00:00Z')).toBe('1 Jul 2025, 10:00 Europe/Amsterdam (GMT+2) · 08:00 UTC')
  expect(zoneHint('2025-12-01T08:00:00Z')).toBe('1 Dec 2025, 09:00 Europe/Amsterdam (GMT+1) · 08:00 UTC')
})

test('an unknown zone keeps the last one, nonsense is a dash', () => {
  setViewerZone(null)
  expect(viewerZone()).toBe('Europe/Amsterdam')
  expect(formatDate('soon')).toBe('–')
})

test.each([
  [-5_000, 'just now'],
  [-90_000, '1 minute ago'],
  [-86_400_000, 'yesterday'],
  [3 * 3_600_000, 'in 3 hours'],
  [-40 * 86_400_000, 'last month'],
])('%i ms away is %s', (away, text) => expect(formatRelative(1e12 + away, 1e12)).toBe(text))

test.each([
  [0.31, '0.3 s'],
  [41.4, '41 s'],
  [59.7, '1 min'],
  [125, '2 min'],
  [7500, '2 h 05 min'],
])('%f seconds are %s', (seconds, text) => expect(formatDuration(seconds)).toBe(text))

test.each([
  ['2026-11-21', 'Europe/Amsterdam', '2026-11-20T23:00:00.000Z'],
  ['2026-11-21', 'Asia/Kolkata', '2026-11-20T18:30:00.000Z'],
  ['2026-03-29', 'Europe/Amsterdam', '2026-03-28T23:00:00.000Z'],
  ['2026-03-30', 'Europe/Amsterdam', '2026-03-29T22:00:00.000Z'],
  ['2026-03-29', 'Asia/Beirut', '2026-03-28T22:00:00.000Z'], // midnight is skipped: the day begins at 01:00
  ['2026-11-01', 'America/Havana', '2026-11-01T04:00:00.000Z'], // midnight comes twice: the first one
])('%s begins in %s at %s', (day, zone, instant) => expect(startOfDay(day, zone)).toBe(instant))

test('a moment belongs to a date of the viewer; dates are counted without clocks', () => {
  expect(dayOf('2026-11-20T23:30:00Z')).toBe('2026-11-21')
  expect(dayOf('2026-11-20T23:30:00Z', 'America/Lima')).toBe('2026-11-20')
  expect(addDays('2026-02-27', 2)).toBe('2026-03-01')
  expect(addDays('2026-01-01', -1)).toBe('2025-12-31')
})
