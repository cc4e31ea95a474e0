/** The part of JSON Schema that a provider's configuration uses. */
export type SchemaField = {
  title?: string
  type?: string
  default?: unknown
  enum?: string[]
  format?: string
  writeOnly?: boolean
  minimum?: number
  exclusiveMinimum?: number
  maximum?: number
  maxLength?: number
}
export type Schema = { properties?: Record<string, SchemaField>; required?: string[] }
export type Config = Record<string, unknown>

type Common = { key: string; title: string; required: boolean }
export type Field =
  | (Common & { kind: 'text'; maxLength?: number })
  | (Common & { kind: 'number'; whole: boolean; min?: number; max?: number })
  | (Common & { kind: 'switch' })
  | (Common & { kind: 'choice'; options: string[] })
  | (Common & { kind: 'secret'; long: boolean })

/** The fields of a form for `schema`, in its order. */
export const fieldsOf = (schema: Schema): Field[] =>
  Object.entries(schema.properties ?? {}).map(([key, of]) => fieldOf(key, of, !!schema.required?.includes(key)))

function fieldOf(key: string, of: SchemaField, required: boolean): Field {
  const common = { key, title: of.title ?? key, required }
  if (of.writeOnly) return { ...common, kind: 'secret', long: /PEM/.test(of.title ?? '') }
  if (of.enum) return { ...common, kind: 'choice', options: of.enum }
  switch (of.type) {
    case 'boolean':
      return { ...common, kind: 'switch' }
    case 'integer':
    case 'number':
      return { ...common, kind: 'number', whole: of.type === 'integer', min: of.minimum ?? of.exclusiveMinimum, max: of.maximum }
    default:
      return { ...common, kind: 'text', maxLength: of.maxLength }
  }
}

/** What the form starts with: what is stored, else the defaults; secrets always empty. */
export const startOf = (schema: Schema, stored: Config = {}): Config =>
  Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([key, of]) => [key, of.writeOnly ? '' : (stored[key] ?? of.default ?? '')]),
  )

/** What is sent: secrets only where one was typed, so that the others keep their values. */
export const toSend = (fields: Field[], config: Config): Config =>
  Object.fromEntries(
    fields.filter(({ key, kind }) => kind !== 'secret' || config[key]).map(({ key }) => [key, config[key]]),
  )

/** "config.port" → the message of the field "port". */
export const configErrors = (errors: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(errors).flatMap(([field, message]) => (field.startsWith('config.') ? [[field.slice(7), message]] : [])),
  )

const STATES: Record<string, string> = { ok: 'Ready', slowed: 'Slowed down', held: 'Asked to wait', down: 'Cannot send' }
/** How a sender is doing, in words and with a tone. */
export const health = (state: string) => ({
  label: STATES[state] ?? state,
  tone: state === 'ok' ? ('green' as const) : state === 'down' ? ('red' as const) : ('yellow' as const),
})

export type Happening = {
  state: string
  due_at: string
  sent_at: string | null
  finished_at: string | null
  delivered_at: string | null
  opened_at: string | null
  clicked_at: string | null
  unsubscribed_at: string | null
  bounced_at: string | null
}

/** What happened to a message after it was planned, in the order it happened. */
export function story(row: Happening): { what: string; at: string }[] {
  const steps: [string, string | null][] = [
    ['Sent', row.sent_at],
    ['Delivered', row.delivered_at],
    ['Bounced', row.bounced_at],
    ['Opened', row.opened_at],
    ['Clicked', row.clicked_at],
    ['Unsubscribed', row.unsubscribed_at],
  ]
  const happened = steps.flatMap(([what, at]) => (at ? [{ what, at }] : []))
  return happened.toSorted((a, b) => a.at.localeCompare(b.at))
}
