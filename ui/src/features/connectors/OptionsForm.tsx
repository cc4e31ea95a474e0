import { Checkbox, Select, SimpleGrid } from '@mantine/core'
import { t } from '@/lib/i18n'
import type { Options } from './model'

const MATCH = [
  { value: 'customer_id', label: t('Customer ID') },
  { value: 'email', label: t('Email') },
  { value: 'phone', label: t('Phone number') },
]
const DATES = [
  { value: 'none', label: t('Refuse dates that could be two') },
  { value: 'day', label: t('Day first: 03/04 is 3 April') },
  { value: 'month', label: t('Month first: 03/04 is March 4') },
]

type Props = { target: string; options: Options; onChange: (changed: Partial<Options>) => void }

/** How an import goes about it. */
export function OptionsForm({ target, options, onChange }: Props) {
  const set = onChange
  const isLines = target === 'purchases' || target === 'events'
  const dates = options.day_first == null ? 'none' : options.day_first ? 'day' : 'month'
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
      {target !== 'items' && (
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
        <Select label={t('Dates such as 03/04/2026')} data={DATES} allowDeselect={false} value={dates} onChange={(next) => set({ day_first: next === 'none' ? null : next === 'day' })} />
      )}
      <Checkbox mt={{ sm: 28 }} label={t('Numbers have a decimal comma (1.234,50)')} checked={options.decimal_comma} onChange={(event) => set({ decimal_comma: event.currentTarget.checked })} />
    </SimpleGrid>
  )
}
