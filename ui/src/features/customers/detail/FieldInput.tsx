import { Autocomplete, MultiSelect, NumberInput, Select, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { type Field, fromLocalInput, toLocalInput } from '../model'
import { usePeople, useSuggestions } from '../queries'
import { FilesInput } from './FilesInput'
import { PointInput } from './PointInput'
import { SignatureInput } from './SignatureInput'

type Props = {
  customer: number
  field: Field
  value: unknown
  users: Record<string, string>
  error?: string
  onChange: (value: unknown) => void
}

/** The control that a field's type asks for. */
export function FieldInput({ customer, field, value, users, error, onChange }: Props) {
  const common = { label: field.label, error, size: 'sm' as const }
  const text = typeof value === 'string' ? value : ''
  switch (field.type) {
    case 'multiline':
      return <Textarea {...common} autosize minRows={2} maxRows={10} value={text} onChange={(e) => onChange(e.currentTarget.value)} />
    case 'dropdown':
      return field.options.length ? (
        <Select {...common} clearable searchable data={field.options} value={text || null} onChange={(next) => onChange(next ?? '')} />
      ) : (
        <Known field={field} value={text} error={error} onChange={onChange} />
      )
    case 'multiple':
      return (
        <MultiSelect {...common} clearable searchable data={field.options} value={(value as string[] | null) ?? []} onChange={(next) => onChange(next.length ? next : null)} />
      )
    case 'number':
      return (
        <NumberInput {...common} value={(value as number | null) ?? ''} thousandSeparator="," decimalScale={4} onChange={(next) => onChange(next === '' ? null : next)} />
      )
    case 'date':
      return <TextInput {...common} type="date" value={text} onChange={(e) => onChange(e.currentTarget.value || null)} />
    case 'datetime':
      return (
        <TextInput {...common} label={t('{{label}} (UTC)', { label: field.label })} type="datetime-local" value={toLocalInput(value)} onChange={(e) => onChange(fromLocalInput(e.currentTarget.value))} />
      )
    case 'boolean':
      return (
        <Select {...common} clearable data={[{ value: 'true', label: t('Yes') }, { value: 'false', label: t('No') }]} value={value == null ? null : String(value)} onChange={(next) => onChange(next == null ? null : next === 'true')} />
      )
    case 'user':
      return <Person field={field} value={value} users={users} error={error} onChange={onChange} />
    case 'file':
      return <FilesInput customer={customer} field={field} value={value} error={error} editable />
    case 'signature':
      return <SignatureInput customer={customer} field={field} value={value} error={error} editable />
    case 'gps':
      return <PointInput field={field} value={value} error={error} onChange={onChange} />
    default:
      return <TextInput {...common} value={text} onChange={(e) => onChange(e.currentTarget.value)} />
  }
}

/** Free text with the values that other customers have. */
function Known({ field, value, error, onChange }: Omit<Props, 'customer' | 'users' | 'value'> & { value: string }) {
  const [asked, setAsked] = useState(false)
  const [search] = useDebouncedValue(value, 250)
  const { data } = useSuggestions(field.key, search, asked && field.suggests)
  return (
    <Autocomplete label={field.label} size="sm" error={error} data={data ?? []} value={value} onFocus={() => setAsked(true)} onChange={onChange} />
  )
}

function Person({ field, value, users, error, onChange }: Omit<Props, 'customer'>) {
  const { data: people } = usePeople()
  const known = new Map(Object.entries(users))
  for (const { id, name } of people ?? []) known.set(String(id), name)
  return (
    <Select
      label={field.label}
      size="sm"
      error={error}
      clearable
      searchable
      data={[...known].map(([id, name]) => ({ value: id, label: name }))}
      value={value == null ? null : String(value)}
      onChange={(next) => onChange(next == null ? null : Number(next))}
    />
  )
}
