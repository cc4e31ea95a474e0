import { formatDate, formatDateTime } from '@/lib/dates'
import { formatNumber } from '@/lib/numbers'
import type { components } from '@/lib/schema.gen'
import { asList, asOneOf, asText, type Raw } from '@/lib/search'

type Schemas = components['schemas']
export type Row = Schemas['CustomerRowOut']
export type Customers = Schemas['CustomersOut']
export type Field = Schemas['FieldOut']
export type Customer = Schemas['CustomerOut']
export type View = Schemas['SavedViewOut']
export type Identity = Schemas['IdentityOut']
export type Use = Schemas['FieldUseOut']
export type RoleName = Schemas['RoleNameOut']
export type Activity = Schemas['ActivityOut']
export type Values = Record<string, unknown>

export const SORTS = ['newest', 'name', 'last_activity', 'updated'] as const
export type Sort = (typeof SORTS)[number]
const CONSENT = ['yes', 'no', 'never'] as const

/** What the index is narrowed to, as the URL says it. */
export type Search = {
  q?: string
  source?: string[]
  status?: string[]
  city?: string[]
  owner?: string[]
  consent?: (typeof CONSENT)[number]
  reachable?: 'email'
  sort?: Sort
}

export const readSearch = (raw: Raw): Search => ({
  q: asText(raw.q),
  source: asList(raw.source),
  status: asList(raw.status),
  city: asList(raw.city),
  owner: asList(raw.owner),
  consent: asOneOf(raw.consent, CONSENT),
  reachable: asOneOf(raw.reachable, ['email'] as const),
  sort: asOneOf(raw.sort, SORTS),
})

/** The server's names of what the URL says. */
export const toParams = ({ q, ...rest }: Search) => ({ search: q, ...rest })

/** What an export is asked with: everything but the order. */
export const toFilters = ({ q, sort: _sort, ...rest }: Search) => ({ search: q ?? '', ...rest })

export const isNarrowed = ({ sort: _sort, ...rest }: Search) => Object.values(rest).some((value) => value !== undefined)

export const consentWord = (optIn: boolean | null | undefined) =>
  optIn == null ? 'Never asked' : optIn ? 'Yes' : 'No'

/** Whether a field has nothing in it. */
export const isEmpty = (value: unknown) =>
  value == null || value === '' || (Array.isArray(value) && value.length === 0)

/** A field's value for reading. */
export function shown(field: Pick<Field, 'type'>, value: unknown, users: Record<string, string> = {}): string {
  if (isEmpty(value)) return '–'
  switch (field.type) {
    case 'boolean':
      return value ? 'Yes' : 'No'
    case 'number':
      return formatNumber(Number(value))
    case 'date':
      return formatDate(String(value))
    case 'datetime':
      return formatDateTime(String(value))
    case 'user':
      return users[String(value)] ?? `#${String(value)}`
    case 'multiple':
      return (value as string[]).join(', ')
    case 'file':
      return (value as { name: string }[]).map(({ name }) => name).join(', ')
    case 'signature':
      return 'Signed'
    default:
      return String(value)
  }
}

export type KeptFile = { name: string; file: string }
export type Signature = { file: string; signed_at: string }

/** Where a file that the product keeps is served; "" for the name of one that an import brought. */
export const fileUrl = (customer: number, file: string) =>
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(file) ? `/api/customers/${customer}/files/${file}` : ''

/** Whether a browser shows the file in place. */
export const isPicture = (name: string) => /\.(png|jpe?g|gif|webp)$/i.test(name)

export type Point = { lat: string; lon: string }

/** `6.9271,79.8612` as its two numbers. */
export function pointOf(value: unknown): Point {
  const [lat = '', lon = ''] = typeof value === 'string' ? value.split(',') : []
  return { lat, lon }
}

/** The two numbers as they are kept; null when both are empty. */
export const fromPoint = ({ lat, lon }: Point) => (lat || lon ? `${lat},${lon}` : null)

/** Why a point cannot be kept, or "". */
export function pointProblem({ lat, lon }: Point): string {
  if (!lat && !lon) return ''
  if (!lat || !lon) return 'Give both latitude and longitude.'
  if (!(Math.abs(Number(lat)) <= 90)) return 'The latitude lies between −90 and 90.'
  if (!(Math.abs(Number(lon)) <= 180)) return 'The longitude lies between −180 and 180.'
  return ''
}

/** The point on a map. */
export const mapUrl = ({ lat, lon }: Point) => `https://www.openstreetmap.org/?mlat=${lat}&mlon=${lon}#map=16/${lat}/${lon}`

/** Only what differs from what the server holds. */
export const changes = (before: Values, after: Values): Values =>
  Object.fromEntries(
    Object.entries(after).filter(([key, value]) => JSON.stringify(value ?? null) !== JSON.stringify(before[key] ?? null)),
  )

/** Fields by their group, in the order in which groups first appear. */
export function grouped(fields: Field[]): [group: string, fields: Field[]][] {
  const groups = new Map<string, Field[]>()
  for (const field of fields) groups.set(field.group, [...(groups.get(field.group) ?? []), field])
  return [...groups]
}

/** `2026-03-31T22:00:00Z` as `<input type="datetime-local">` holds it, in UTC. */
export const toLocalInput = (value: unknown) => (typeof value === 'string' ? value.slice(0, 16) : '')
export const fromLocalInput = (text: string) => (text ? `${text}:00Z` : null)

/** The list with the item at `index` moved by `by` places, or as it was when that leads out of it. */
export function moved<T>(list: T[], index: number, by: number): T[] {
  const to = index + by
  if (to < 0 || to >= list.length) return list
  const next = [...list]
  next.splice(to, 0, ...next.splice(index, 1))
  return next
}

const MONEY = new Map<string, Intl.NumberFormat>()
export function money(amount: string | null, currency: string | null): string {
  if (amount == null) return ''
  const code = currency ?? 'XXX'
  const format = MONEY.get(code) ?? new Intl.NumberFormat('en-GB', { style: 'currency', currency: code, currencyDisplay: 'narrowSymbol' })
  MONEY.set(code, format)
  return currency ? format.format(Number(amount)) : formatNumber(Number(amount))
}

/** "basket_added" → "Basket added" */
export const humane = (name: string) => name.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase())
