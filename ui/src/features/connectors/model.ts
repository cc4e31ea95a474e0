import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import type { components } from '@/lib/schema.gen'

type Schemas = components['schemas']
export type Import = Schemas['ImportOut']
export type Choice = Schemas['ImportChoiceIn']
export type Preview = Schemas['ImportPreviewOut']
export type Guess = Schemas['GuessOut']
export type Checked = Schemas['ImportCheckOut']
export type Finding = Schemas['FindingOut']

export const TARGETS: { value: string; label: string; permission?: string }[] = [
  { value: 'customers', label: 'Customers' },
  { value: 'purchases', label: 'Purchases' },
  { value: 'items', label: 'Items' },
  { value: 'events', label: 'Events' },
  { value: 'rates', label: 'Exchange rates', permission: 'settings_manage' },
]

/** What the person chose for a column: a field, a new field of a type, a property, or nothing. */
export const SKIP = ''
const NEW = 'new:'
export const newField = (type: string) => `${NEW}${type}`

/** Guesses that are sure enough stand as they are; the person decides about the rest. */
export const SURE = 0.5
export const choicesOf = (columns: Guess[]): Record<string, string> =>
  Object.fromEntries(columns.map(({ column, field, confidence }) => [column, confidence >= SURE ? field : SKIP]))

/** The guesses, and over them what the person decided of columns that the file has. */
export const withDecided = (guessed: Record<string, string>, decided: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(guessed).map(([column, choice]) => [column, decided[column] ?? choice]))

export const isSamePlan = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)

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
  dates: string
  numbers: string
  unknown_customer: 'reject' | 'create' | 'anonymous'
  no_customer: 'reject' | 'anonymous'
}

/** The detected form, unless the person has to choose. */
const formOf = ({ form, ambiguous }: Preview['date_forms'], otherwise: string) => (form && !ambiguous ? form : otherwise)

/** Customers are recognised by the surest identity that was found. */
export function startOptions(target: string, choices: Record<string, string>, preview: Preview): Options {
  const { layout } = preview
  const mapped = Object.values(choices)
  const known = layout?.target === target ? layout.match : ''
  const found = [known, 'customer_id', 'email', 'phone'].find((key) => mapped.includes(key))
  const match = target === 'customers' ? found : known
  return {
    match: [match || 'customer_id'],
    policy: 'both',
    bad_values: 'reject',
    dates: formOf(preview.date_forms, ''),
    numbers: formOf(preview.number_forms, 'point'),
    unknown_customer: 'reject',
    no_customer: 'reject',
  }
}

const DELIMITERS: Record<string, string> = { ',': 'Comma ,', ';': 'Semicolon ;', '\t': 'Tab', '|': 'Bar |', ' ': 'Space' }
const KINDS: Record<string, string> = { csv: 'Text', xlsx: 'Excel workbook', parquet: 'Parquet' }

/** "Text · Cyrillic (Windows-1251)", "Excel workbook · sheet “Customers”" */
export function formWords({ kind, encoding_label, sheet }: Import['form']): string {
  const kindly = t(KINDS[kind] ?? kind)
  if (kind === 'csv') return `${kindly} · ${t(encoding_label)}`
  return sheet ? `${kindly} · ${t('sheet “{{sheet}}”', { sheet })}` : kindly
}

/** Delimiters that can be chosen, with the one that the file has. */
export const delimiterData = (current: string) =>
  [...new Set([...Object.keys(DELIMITERS), current])].map((value) => ({ value, label: t(DELIMITERS[value] ?? value) }))

/** What the file was recognised as, and where it belongs if that is elsewhere. */
export const layoutWords = ({ label, target }: NonNullable<Preview['layout']>, current: string) =>
  target === current
    ? t('This looks like {{label}}; its columns are mapped below.', { label: t(label) })
    : t('This looks like {{label}}, which holds {{target}}: forget this file and upload it as such.', { label: t(label), target: t(target) })

const sheetLabel = ({ name, hidden }: Preview['sheets'][number]) => (hidden ? t('{{name}} (hidden)', { name }) : name)

export const sheetData = (sheets: Preview['sheets']) => sheets.map((sheet) => ({ value: sheet.name, label: sheetLabel(sheet) }))

/** Which sheets are left out. */
export const sheetWords = (sheets: Preview['sheets'], chosen: string) =>
  t('Sheets that are not read: {{names}}', { names: sheets.filter(({ name }) => name !== chosen).map(sheetLabel).join(', ') })

/** The first rows that could name the columns, by their number and beginning. */
export function headerData(top: string[][], { header, header_row: current }: Import['form']) {
  const rows = top
    .map((cells, index) => ({ number: index + 1, text: cells.filter(Boolean).join(', ') }))
    .filter(({ number, text }) => text || (header && number === current))
  if (header && !rows.some(({ number }) => number === current)) rows.push({ number: current, text: '' })
  return rows.map(({ number, text }) => ({
    value: String(number),
    label: text ? t('Row {{number}}: {{text}}', { number, text: text.slice(0, 80) }) : t('Row {{number}}', { number }),
  }))
}

export function sizeWords(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  if (bytes < 1_000_000) return `${formatNumber(Math.round(bytes / 1_000))} kB`
  return `${formatNumber(Math.round(bytes / 100_000) / 10)} MB`
}

export const isRunning = ({ state }: Import) => state === 'running'
