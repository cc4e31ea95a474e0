type When = string | number | Date

const DAY_ONLY = /^\d{4}-\d{2}-\d{2}$/
const LANGUAGE = 'en-GB'

let zone = Intl.DateTimeFormat().resolvedOptions().timeZone

/** The viewer's zone: the browser's until the session says otherwise. */
export const viewerZone = () => zone

export function setViewerZone(name: string | null | undefined) {
  if (name) zone = name
}

const formats = new Map<string, Intl.DateTimeFormat>()

function format(when: When, options: Intl.DateTimeFormatOptions, timeZone = zone): string {
  const date = new Date(when)
  if (Number.isNaN(date.getTime())) return '–'
  const inZone = typeof when === 'string' && DAY_ONLY.test(when) ? 'UTC' : timeZone
  const key = JSON.stringify([inZone, options])
  const formatter = formats.get(key) ?? new Intl.DateTimeFormat(LANGUAGE, { ...options, timeZone: inZone })
  formats.set(key, formatter)
  return formatter.format(date)
}

/** 12 Nov 2025; a bare day (`2025-11-12`) stays that day in every zone. */
export const formatDate = (when: When, timeZone?: string) =>
  format(when, { day: 'numeric', month: 'short', year: 'numeric' }, timeZone)

/** 10:42 */
export const formatTime = (when: When, timeZone?: string) =>
  format(when, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, timeZone)

/** 12 Nov 2025, 10:42 */
export const formatDateTime = (when: When, timeZone?: string) =>
  `${formatDate(when, timeZone)}, ${formatTime(when, timeZone)}`

/** "2025-11-12": the date that `when` falls on. */
export function dayOf(when: When = Date.now(), timeZone = zone): string {
  const part = (options: Intl.DateTimeFormatOptions) => format(when, options, timeZone)
  return `${part({ year: 'numeric' })}-${part({ month: '2-digit' })}-${part({ day: '2-digit' })}`
}

/** The day `count` days after `day`. */
export function addDays(day: string, count: number): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + count)
  return date.toISOString().slice(0, 10)
}

/** Milliseconds that the clocks of `timeZone` are ahead of UTC at `instant`. */
function ahead(instant: number, timeZone: string): number {
  const wall = new Intl.DateTimeFormat('sv-SE', {
    timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
  }).format(instant)
  return Date.parse(`${wall.replace(' ', 'T')}Z`) - Math.floor(instant / 1000) * 1000
}

/** The instant (ISO, UTC) at which `day` begins in `timeZone`; where clocks skip midnight, the first there is. */
export function startOfDay(day: string, timeZone = zone): string {
  const wall = Date.parse(`${day}T00:00:00Z`)
  const guesses = [wall - ahead(wall - 86_400_000, timeZone), wall - ahead(wall + 86_400_000, timeZone)]
  const begins = guesses.filter((guess) => guess + ahead(guess, timeZone) >= wall)
  return new Date(begins.length ? Math.min(...begins) : Math.max(...guesses)).toISOString()
}

/** GMT+1 */
export const zoneOffset = (when: When = Date.now(), timeZone = zone) =>
  format(when, { timeZoneName: 'shortOffset' }, timeZone).split(' ').at(-1) ?? ''

/** What hovering over a date shows: the exact moment, its zone, and UTC. */
export const zoneHint = (when: When) =>
  `${formatDateTime(when)} ${zone} (${zoneOffset(when)}) · ${formatTime(when, 'UTC')} UTC`

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]
const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: 'auto' })

/** 3 minutes ago, in 2 days; under a minute: just now. */
export function formatRelative(when: When, now: When = Date.now()): string {
  const seconds = (new Date(when).getTime() - new Date(now).getTime()) / 1000
  const step = STEPS.find(([, size]) => Math.abs(seconds) >= size)
  return step ? relative.format(Math.trunc(seconds / step[1]), step[0]) : 'just now'
}

/** 2 h 05 min, 41 s, 0.3 s: for waits and work, from seconds. */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}
