import { NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from '@mantine/core'
import { t } from '@/lib/i18n'
import type { Config, Field } from '../model'

type Props = {
  fields: Field[]
  values: Config
  errors: Record<string, string>
  /** Keys of the secrets that the server holds. */
  kept: string[]
  onChange: (key: string, value: unknown) => void
}

/** The inputs of a provider's configuration. */
export const SchemaFields = ({ fields, values, errors, kept, onChange }: Props) =>
  fields.map((field) => {
    const value = values[field.key]
    const common = { label: t(field.title), error: errors[field.key], required: field.required }
    const change = (next: unknown) => onChange(field.key, next)
    switch (field.kind) {
      case 'text':
        return (
          <TextInput
            key={field.key}
            {...common}
            maxLength={field.maxLength}
            value={String(value ?? '')}
            onChange={(event) => change(event.currentTarget.value)}
          />
        )
      case 'number':
        return (
          <NumberInput
            key={field.key}
            {...common}
            min={field.min}
            max={field.max}
            allowDecimal={!field.whole}
            value={value as number}
            onChange={change}
          />
        )
      case 'switch':
        return (
          <Switch
            key={field.key}
            label={common.label}
            error={common.error}
            checked={value === true}
            onChange={(event) => change(event.currentTarget.checked)}
          />
        )
      case 'choice':
        return (
          <Select
            key={field.key}
            {...common}
            allowDeselect={false}
            data={field.options}
            value={String(value)}
            onChange={(next) => next && change(next)}
          />
        )
      case 'secret': {
        const Input = field.long ? Textarea : PasswordInput
        return (
          <Input
            key={field.key}
            {...common}
            {...(field.long ? { autosize: true, minRows: 2, maxRows: 6 } : { autoComplete: 'new-password' })}
            description={kept.includes(field.key) ? t('Stored. Leave empty to keep it.') : undefined}
            value={String(value ?? '')}
            onChange={(event: { currentTarget: { value: string } }) => change(event.currentTarget.value)}
          />
        )
      }
    }
  })
