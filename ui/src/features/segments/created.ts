import { addDays, dayOf, startOfDay } from '@/lib/dates'

/** First and last date of the viewer's calendar, both included. */
export type Bounds = { from?: string; to?: string }
export type Period = 'day' | 'week' | 'month' | 'range'
export type Preset = 'all' | 'today' | 'week' | 'custom'

/** Monday to Sunday around `day`. */
export function weekOf(day: string): Required<Bounds> {
  const weekday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7
  return { from: addDays(day, -weekday), to: addDays(day, 6 - weekday) }
}

/** The first to the last date of the month of `day`. */
export function monthOf(day: string): Required<Bounds> {
  const from = `${day.slice(0, 7)}-01`
  return { from, to: addDays(`${addDays(from, 31).slice(0, 7)}-01`, -1) }
}

/** The bounds that a choice without a calendar stands for. */
export function boundsOf(preset: Preset, today = dayOf()): Bounds {
  if (preset === 'today') return { from: today, to: today }
  return preset === 'week' ? { from: addDays(today, -6), to: today } : { from: undefined, to: undefined }
}

const isSame = (one: Bounds, other: Bounds) => one.from === other.from && one.to === other.to

/** Which choice `bounds` are; what is none of the others is custom. */
export function presetOf(bounds: Bounds, today = dayOf()): Preset {
  if (!bounds.from && !bounds.to) return 'all'
  return (['today', 'week'] as const).find((preset) => isSame(bounds, boundsOf(preset, today))) ?? 'custom'
}

/** Which calendar shows `bounds`. */
export function periodOf({ from, to }: Bounds): Period {
  if (!from || !to) return 'day'
  if (from === to) return 'day'
  if (isSame({ from, to }, weekOf(from))) return 'week'
  return isSame({ from, to }, monthOf(from)) ? 'month' : 'range'
}

/** The viewer's dates as bounds in UTC: from the first instant of `from` until before the day after `to`. */
export const createdBounds = ({ from, to }: Bounds) => ({
  created_from: from && startOfDay(from),
  created_before: to && startOfDay(addDays(to, 1)),
})
