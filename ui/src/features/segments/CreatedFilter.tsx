import '@mantine/dates/styles.layer.css'
import { Group, SegmentedControl, Select } from '@mantine/core'
import { DatePickerInput, MonthPickerInput } from '@mantine/dates'
import { useState } from 'react'
import { dayOf, formatDate, viewerZone } from '@/lib/dates'
import { t } from '@/lib/i18n'
import { type Bounds, boundsOf, monthOf, type Period, periodOf, type Preset, presetOf, weekOf } from './created'

type Props = Bounds & { onChange: (bounds: Bounds) => void }

/** When something was created, by the viewer's calendar: all time, today, the last 7 days, or a period of one's own. */
export function CreatedFilter({ from, to, onChange }: Props) {
  const [custom, setCustom] = useState(presetOf({ from, to }) === 'custom')
  const choose = (preset: Preset) => {
    setCustom(preset === 'custom')
    if (preset !== 'custom') onChange(boundsOf(preset))
  }
  return (
    <>
      <Select
        size="sm"
        w={150}
        aria-label={t('Created')}
        title={t('Dates of your time zone, {{zone}}', { zone: viewerZone() })}
        value={custom ? 'custom' : presetOf({ from, to })}
        onChange={(preset) => preset && choose(preset as Preset)}
        allowDeselect={false}
        data={[
          { value: 'all', label: t('All time') },
          { value: 'today', label: t('Today') },
          { value: 'week', label: t('Last 7 days') },
          { value: 'custom', label: t('Custom') },
        ]}
      />
      {custom && <Custom from={from} to={to} onChange={onChange} />}
    </>
  )
}

/** One day, one week, one month, or from one day to another. */
function Custom({ from, to, onChange }: Props) {
  const [period, setPeriod] = useState<Period>(periodOf({ from, to }))
  const change = (next: Period) => {
    setPeriod(next)
    const day = from ?? dayOf()
    if (next === 'day') onChange({ from: day, to: day })
    if (next === 'week') onChange(weekOf(day))
    if (next === 'month') onChange(monthOf(day))
  }
  return (
    <Group gap="xs">
      <SegmentedControl
        size="xs"
        aria-label={t('Period')}
        value={period}
        onChange={(next) => change(next as Period)}
        data={[
          { value: 'day', label: t('Day') },
          { value: 'week', label: t('Week') },
          { value: 'month', label: t('Month') },
          { value: 'range', label: t('Range') },
        ]}
      />
      <Calendar key={period} period={period} from={from} to={to} onChange={onChange} />
    </Group>
  )
}

function Calendar({ period, from, to, onChange }: Props & { period: Period }) {
  const [range, setRange] = useState<[string | null, string | null]>([from ?? null, to ?? null])
  if (period === 'month')
    return (
      <MonthPickerInput
        size="sm"
        w={150}
        aria-label={t('Created in the month')}
        placeholder={t('Choose a month')}
        value={from ?? null}
        onChange={(month) => month && onChange(monthOf(month))}
      />
    )
  if (period === 'range')
    return (
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
    )
  const isWeek = period === 'week'
  return (
    <DatePickerInput
      size="sm"
      w={isWeek ? 230 : 150}
      aria-label={isWeek ? t('Created in the week of') : t('Created on')}
      placeholder={isWeek ? t('Choose a day of the week') : t('Choose a day')}
      valueFormat={isWeek && from && to ? `[${formatDate(from)} – ${formatDate(to)}]` : 'D MMM YYYY'}
      getDayProps={(day) => (isWeek && from && to && day >= from && day <= to ? { selected: true } : {})}
      value={from ?? null}
      onChange={(day) => day && onChange(isWeek ? weekOf(day) : { from: day, to: day })}
    />
  )
}
