import { formatNumber } from '@/lib/numbers'
import type { components } from '@/lib/schema.gen'

type Schemas = components['schemas']
export type Import = Schemas['ImportOut']
export type Imports = Schemas['ImportsOut']
export type Preview = Schemas['ImportPreviewOut']
export type Guess = Schemas['GuessOut']
export type Checked = Schemas['ImportCheckOut']
export type Finding = Schemas['FindingOut']

export const TARGETS = [
  { value: 'customers', label: 'Customers' },
  { value: 'purchases', label: 'Purchases' },
  { value: 'items', label: 'Items' },
  { value: 'events', label: 'Events' },
]

/** What the person chose for a column: a field, a new field of a type, a property, or nothing. */
export const SKIP = ''
const NEW = 'new:'
export const newField = (type: string) => `${NEW}${type}`

/** Guesses that are sure enough stand as they are; the person decides about the rest. */
export const SURE = 0.5
export const choicesOf = (columns: Guess[]): Record<string, string> =>
  Object.fromEntries(columns.map(({ column, field, confidence }) => [column, confidence >= SURE ? field : SKIP]))

/** Choices as the server takes them. */
export const mappingOf = (choices: Record<string, string>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(choices)
      .filter(([, choice]) => choice !== SKIP)
      .map(([column, choice]) => [
        column,
        choice.startsWith(NEW) ? { label: column.slice(0, 80), type: choice.slice(NEW.length) } : choice,
      ]),
  )

export type Options = {
  match: string[]
  policy: 'both' | 'create' | 'update'
  bad_values: 'reject' | 'leave_out'
  day_first: boolean | null
  decimal_comma: boolean
  unknown_customer: 'reject' | 'create' | 'anonymous'
}

/** Customers are recognised by the surest identity that was found. */
export function startOptions(target: string, choices: Record<string, string>): Options {
  const mapped = Object.values(choices)
  const found = ['customer_id', 'email', 'phone'].filter((key) => mapped.includes(key))
  return {
    match: target === 'customers' && found.length ? found.slice(0, 1) : ['customer_id'],
    policy: 'both',
    bad_values: 'reject',
    day_first: null,
    decimal_comma: false,
    unknown_customer: 'reject',
  }
}

const ENCODINGS: Record<string, string> = {
  'utf-8': 'UTF-8',
  'utf-8-sig': 'UTF-8 with a byte order mark',
  'utf-16': 'UTF-16',
  'utf-16-le': 'UTF-16 (little endian)',
  'utf-16-be': 'UTF-16 (big endian)',
  cp1252: 'Windows-1252',
}
const DELIMITERS: Record<string, string> = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'bar' }

/** "CSV · Windows-1252 · semicolon · first row names the columns" */
export function formWords({ kind, encoding, delimiter, header }: Import['form']): string {
  if (kind !== 'csv') return kind === 'xlsx' ? 'Excel workbook' : 'Parquet'
  const names = header ? 'first row names the columns' : 'no row of names'
  return ['CSV', ENCODINGS[encoding] ?? encoding, DELIMITERS[delimiter] ?? delimiter, names].join(' · ')
}

export function sizeWords(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  if (bytes < 1_000_000) return `${formatNumber(Math.round(bytes / 1_000))} kB`
  return `${formatNumber(Math.round(bytes / 100_000) / 10)} MB`
}

export const isRunning = ({ state }: Import) => state === 'running'
