import '@mantine/dates/styles.layer.css'
import { Select } from '@mantine/core'
import { DatePickerInput } from '@mantine/dates'
import { useState } from 'react'
import { t } from '@/lib/i18n'

type Bounds = { from?: string; to?: string }

/** "2026-11-21" of the viewer's calendar, `ago` days back. */
const day = (ago: number) => {
  const date = new Date()
  date.setDate(date.getDate() - ago)
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-')
}

const presetOf = ({ from, to }: Bounds) => {
  if (!from && !to) return 'all'
  if (from === day(0) && !to) return 'today'
  return from === day(6) && !to ? 'week' : 'custom'
}

/** When something was created: all time, today, the last 7 days, or a range of the viewer's days. */
export function CreatedFilter({ from, to, onChange }: Bounds & { onChange: (bounds: Bounds) => void }) {
  const [custom, setCustom] = useState(presetOf({ from, to }) === 'custom')
  const [range, setRange] = useState<[string | null, string | null]>([from ?? null, to ?? null])
  const choose = (preset: string | null) => {
    setCustom(preset === 'custom')
    if (preset === 'all') onChange({ from: undefined, to: undefined })
    if (preset === 'today') onChange({ from: day(0), to: undefined })
    if (preset === 'week') onChange({ from: day(6), to: undefined })
  }
  return (
    <>
      <Select
        size="sm"
        w={150}
        aria-label={t('Created')}
        value={custom ? 'custom' : presetOf({ from, to })}
        onChange={choose}
        allowDeselect={false}
        data={[
          { value: 'all', label: t('All time') },
          { value: 'today', label: t('Today') },
          { value: 'week', label: t('Last 7 days') },
          { value: 'custom', label: t('Custom') },
        ]}
      />
      {custom && (
        <DatePickerInput
          type="range"
          size="sm"
          w={230}
          aria-label={t('Created between')}
          placeholder={t('Choose the days')}
          allowSingleDateInRange
          valueFormat="D MMM YYYY"
          value={range}
          onChange={(next) => {
            setRange(next)
            const [first, last] = next
            if (first && last) onChange({ from: first, to: last })
          }}
        />
      )}
    </>
  )
}
