import '@mantine/dates/styles.layer.css'
import { Group, NumberInput, Select, TextInput } from '@mantine/core'
import { DateInput } from '@mantine/dates'
import { t } from '@/lib/i18n'
import type { MenuField, Shape, Span } from '../model'
import { SuggestedInput, SuggestedTags, SuggestedUser } from './Suggested'
import { useTyped } from './useTyped'

type Props = {
  field: MenuField
  shape: Shape
  units: string[]
  value: unknown
  onChange: (value: unknown) => void
}

const numberOf = (value: number | string) => (typeof value === 'number' ? value : null)

/** The editor for the kind of value that the operator takes. */
export function ValueEditor({ field, shape, units, value, onChange }: Props) {
  const label = t('Value of {{field}}', { field: field.label })
  switch (shape) {
    case 'none':
      return null
    case 'text':
    case 'option':
      return field.suggests ? (
        <SuggestedInput on={field.key} label={label} value={String(value ?? '')} onChange={onChange} />
      ) : (
        <Typed label={label} value={String(value ?? '')} onChange={onChange} />
      )
    case 'options':
      return <SuggestedTags on={field.key} label={label} value={(value as string[]) ?? []} onChange={onChange} />
    case 'user':
      return <SuggestedUser on={field.key} label={label} value={value as number | null} onChange={onChange} />
    case 'number':
      return <Numeric label={label} value={value as number | null} onChange={onChange} />
    case 'date':
      return <Day label={label} value={value as string | null} onChange={onChange} />
    case 'numbers':
      return (
        <Pair value={value} onChange={onChange}>
          {(part, set, which) => <Numeric label={`${label}: ${which}`} value={part as number | null} onChange={set} />}
        </Pair>
      )
    case 'dates':
      return (
        <Pair value={value} onChange={onChange}>
          {(part, set, which) => <Day label={`${label}: ${which}`} value={part as string | null} onChange={set} />}
        </Pair>
      )
    case 'span':
      return <SpanEditor label={label} units={units} value={value as Span | null} onChange={onChange} />
  }
}

type One<T> = { label: string; value: T; onChange: (value: T) => void }

function Typed({ label, value, onChange }: One<string>) {
  const [text, type] = useTyped(value, onChange)
  return (
    <TextInput
      size="xs"
      w={{ base: '100%', xs: 180 }}
      aria-label={label}
      maxLength={1000}
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
    />
  )
}

function Numeric({ label, value, onChange }: One<number | null>) {
  const [shown, type] = useTyped(value, onChange)
  return (
    <NumberInput
      size="xs"
      w={110}
      aria-label={label}
      decimalScale={4}
      thousandSeparator=","
      hideControls
      value={shown ?? ''}
      onChange={(next) => type(numberOf(next))}
    />
  )
}

const Day = ({ label, value, onChange }: One<string | null>) => (
  <DateInput
    size="xs"
    w={140}
    aria-label={label}
    placeholder={t('Choose a date')}
    valueFormat="D MMM YYYY"
    value={value}
    onChange={onChange}
    clearable={false}
  />
)

type PairProps = {
  value: unknown
  onChange: (value: unknown) => void
  children: (part: unknown, set: (next: unknown) => void, which: string) => React.ReactNode
}

function Pair({ value, onChange, children }: PairProps) {
  const [from, to] = Array.isArray(value) ? value : [null, null]
  return (
    <Group gap={6} wrap="nowrap">
      {children(from, (next) => onChange([next, to]), t('from'))}
      {t('and')}
      {children(to, (next) => onChange([from, next]), t('to'))}
    </Group>
  )
}

/** A number of hours, days, weeks, months or years. */
export function SpanEditor({ label, units, value, onChange }: One<Span | null> & { units: string[] }) {
  const span = value ?? { count: 30, unit: 'days' }
  const [count, type] = useTyped(span.count, (next) => onChange({ ...span, count: next }))
  return (
    <Group gap={6} wrap="nowrap">
      <NumberInput
        size="xs"
        w={76}
        aria-label={`${label}: ${t('how many')}`}
        min={1}
        allowDecimal={false}
        allowNegative={false}
        value={count ?? ''}
        onChange={(next) => type(numberOf(next))}
      />
      <Select
        size="xs"
        w={104}
        aria-label={`${label}: ${t('unit')}`}
        data={units}
        value={span.unit}
        onChange={(unit) => unit && onChange({ ...span, unit })}
        allowDeselect={false}
      />
    </Group>
  )
}
