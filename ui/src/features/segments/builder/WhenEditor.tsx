import '@mantine/dates/styles.layer.css'
import { Group, Select } from '@mantine/core'
import { DateInput } from '@mantine/dates'
import { t } from '@/lib/i18n'
import type { When } from '../model'
import { SpanEditor } from './ValueEditor'

type Props = { units: string[]; value: When; onChange: (value: When) => void }

const FIRST: Record<string, When> = { last: { count: 365, unit: 'days' }, dates: { from: null, to: null }, ever: null }
const kindOf = (value: When) => (!value ? 'ever' : 'from' in value ? 'dates' : 'last')

/** In the last days, between two dates, or ever. */
export function WhenEditor({ units, value, onChange }: Props) {
  return (
    <Group gap={6}>
      <Select
        size="xs"
        w={116}
        aria-label={t('When')}
        data={[
          { value: 'last', label: t('in the last') },
          { value: 'dates', label: t('between') },
          { value: 'ever', label: t('ever') },
        ]}
        value={kindOf(value)}
        onChange={(kind) => kind && onChange(FIRST[kind] ?? null)}
        allowDeselect={false}
      />
      {value && !('from' in value) && <SpanEditor label={t('Window')} units={units} value={value} onChange={onChange} />}
      {value && 'from' in value && (
        <>
          <Day label={t('From the day')} value={value.from} onChange={(from) => onChange({ ...value, from })} />
          <Day label={t('To the day')} value={value.to} onChange={(to) => onChange({ ...value, to })} />
        </>
      )}
    </Group>
  )
}

type DayProps = { label: string; value: string | null; onChange: (day: string | null) => void }
const Day = ({ label, value, onChange }: DayProps) => (
  <DateInput
    size="xs"
    w={130}
    aria-label={label}
    placeholder={label}
    valueFormat="D MMM YYYY"
    value={value}
    onChange={onChange}
    clearable
  />
)
