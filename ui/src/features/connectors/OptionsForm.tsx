import { Select, SimpleGrid } from '@mantine/core'
import { t } from '@/lib/i18n'
import type { Options, Preview } from './model'

const MATCH = [
  { value: 'customer_id', label: t('Customer ID') },
  { value: 'email', label: t('Email') },
  { value: 'phone', label: t('Phone number') },
]

type Props = { target: string; preview: Preview; options: Options; onChange: (changed: Partial<Options>) => void }

const words = ({ form, ambiguous }: Preview['date_forms'], value: string) => {
  if (!form) return t('None in the first rows')
  if (ambiguous) return t('Cannot be told from the first rows')
  return form === value ? t('Detected') : t('Chosen')
}

const form = (found: Preview['date_forms'], value: string) => ({
  allowDeselect: false,
  value,
  data: found.forms.map((one) => ({ value: one.value, label: t(one.label) })),
  error: found.ambiguous && value === '' && t('“{{example}}” could be two: choose', { example: found.example }),
  description: words(found, value),
})

/** How an import goes about it. */
export function OptionsForm({ target, preview, options, onChange }: Props) {
  const set = onChange
  const isLines = target === 'purchases' || target === 'events'
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
      {(isLines || target === 'customers') && (
        <Select label={isLines ? t('The customer column holds') : t('Recognise customers by')} data={MATCH} allowDeselect={false} value={options.match[0]} onChange={(next) => set({ match: [next ?? 'customer_id'] })} />
      )}
      {target === 'customers' && (
        <>
          <Select
            label={t('Customers that are known, and new ones')}
            data={[
              { value: 'both', label: t('Update known, create new') },
              { value: 'create', label: t('Only create new ones') },
              { value: 'update', label: t('Only update known ones') },
            ]}
            allowDeselect={false}
            value={options.policy}
            onChange={(next) => set({ policy: next as Options['policy'] })}
          />
          <Select
            label={t('A value that is wrong')}
            data={[
              { value: 'reject', label: t('Rejects its row') },
              { value: 'leave_out', label: t('Is left out and reported') },
            ]}
            allowDeselect={false}
            value={options.bad_values}
            onChange={(next) => set({ bad_values: next as Options['bad_values'] })}
          />
        </>
      )}
      {isLines && (
        <Select
          label={t('Customers that are not known')}
          data={[
            { value: 'reject', label: t('Reject their rows') },
            { value: 'create', label: t('Create them') },
            { value: 'anonymous', label: t('Keep the rows as nobody’s') },
          ]}
          allowDeselect={false}
          value={options.unknown_customer}
          onChange={(next) => set({ unknown_customer: next as Options['unknown_customer'] })}
        />
      )}
      {isLines && (
        <Select
          label={t('Rows without a customer')}
          data={[
            { value: 'reject', label: t('Reject them') },
            { value: 'anonymous', label: t('Keep them as nobody’s') },
          ]}
          allowDeselect={false}
          value={options.no_customer}
          onChange={(next) => set({ no_customer: next as Options['no_customer'] })}
        />
      )}
      {target !== 'items' && (
        <Select
          label={t('Dates')}
          {...form(preview.date_forms, options.dates)}
          data={[{ value: '', label: t('Refuse dates that could be two') }, ...preview.date_forms.forms]}
          onChange={(next) => set({ dates: next ?? '' })}
        />
      )}
      <Select label={t('Numbers')} {...form(preview.number_forms, options.numbers)} onChange={(next) => set({ numbers: next ?? 'point' })} />
    </SimpleGrid>
  )
}
