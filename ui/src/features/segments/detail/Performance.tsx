import { Alert, Group, Loader, SegmentedControl, SimpleGrid, Stack, Table, Text } from '@mantine/core'
import { useCallback, useState } from 'react'
import { sentence } from '@/lib/client'
import { formatDate } from '@/lib/dates'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { Chart } from '@/ui/Chart'
import type { EChartsOption } from '@/ui/echarts'
import { EmptyState } from '@/ui/EmptyState'
import { Section } from '@/ui/Section'
import { DateTime } from '@/ui/Time'
import { daysWithin, type Performance as Found, type Segment, type Slice } from '../model'
import { useEdits, usePerformance } from '../queries'

const PERIODS = [
  { value: 'all', label: t('All time') },
  { value: '7', label: t('7 days') },
  { value: '30', label: t('30 days') },
]

/** How large the segment was over time, and who its members are by source, domicile, age and gender. */
export function Performance({ segment }: { segment: Segment }) {
  const { data, error } = usePerformance(segment)
  if (!segment.version)
    return <EmptyState title={t('Nothing was calculated yet')}>{t('The charts come with the first membership.')}</EmptyState>
  if (error) return <Alert color="red">{sentence(error)}</Alert>
  if (!data) return <Loader aria-label={t('Counting')} />
  return (
    <Stack>
      <Size segment={segment} found={data} />
      {data.size === 0 ? (
        <EmptyState title={t('Nobody is in this segment')}>
          {t('There is nobody to show by source, domicile, age or gender.')}
        </EmptyState>
      ) : (
        <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
          <Distribution label={t('By source')} what={t('Source')} slices={data.source} />
          <Distribution label={t('By domicile')} what={t('Province')} slices={data.province} />
          <Distribution label={t('By age')} what={t('Age')} slices={data.age} />
          <Distribution label={t('By gender')} what={t('Gender')} slices={data.gender} />
        </SimpleGrid>
      )}
      <Text size="xs" c="dimmed">
        {t('All members, as of')} <DateTime value={data.data_as_of} />
      </Text>
    </Stack>
  )
}

function Size({ segment, found }: { segment: Segment; found: Found }) {
  const [period, setPeriod] = useState('all')
  const edits = useEdits(segment).data ?? []
  const days = daysWithin(found.days, found.today, period)
  const shown = days.map(({ day }) => formatDate(day))
  const marks = edits.filter(({ first, day }) => !first && shown.includes(formatDate(day)))
  const marked = [...new Set(marks.map(({ day }) => formatDate(day)))].join('|')
  const mark = useCallback(
    (option: EChartsOption): EChartsOption => {
      const [line] = [option.series].flat()
      if (!line || !marked) return option
      const data = marked.split('|').map((day) => ({ xAxis: day }))
      return { ...option, series: [{ ...line, markLine: { symbol: 'none', label: { formatter: t('edited') }, data } }] } as EChartsOption
    },
    [marked],
  )
  return (
    <Section>
      <Group justify="flex-end" mb="xs">
        <SegmentedControl size="xs" aria-label={t('Period')} value={period} onChange={setPeriod} data={PERIODS} />
      </Group>
      {days.length === 0 ? (
        <EmptyState title={t('No sizes in this time')}>{t('The segment was not calculated on any of these days.')}</EmptyState>
      ) : (
        <Chart
          label={t('Size over time')}
          kind="area"
          categoryLabel={t('Day')}
          categories={shown}
          series={[{ name: t('Customers'), values: days.map(({ size }) => size) }]}
          extend={mark}
        />
      )}
      {marks.map(({ id, day, changed_by, sentence: words }) => (
        <Text key={id} size="sm" c="dimmed">
          {t('{{day}}: edited by {{who}} to “{{words}}”', { day: formatDate(day), who: changed_by?.name ?? t('the system'), words })}
        </Text>
      ))}
    </Section>
  )
}

const share = (percent: number) => `${percent.toFixed(1)} %`

/** One breakdown as a picture and as a table; counts add to the size, percentages to 100. */
function Distribution({ label, what, slices }: { label: string; what: string; slices: Slice[] }) {
  return (
    <Section>
      <Chart
        label={label}
        kind="bar"
        horizontal
        height={Math.max(180, slices.length * 34)}
        categoryLabel={what}
        categories={slices.map(({ label: name }) => name)}
        series={[{ name: t('Customers'), values: slices.map(({ count }) => count) }]}
      />
      <Table aria-label={t('{{label}}: counts and shares', { label })} mt="xs" withRowBorders={false} verticalSpacing={2}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{what}</Table.Th>
            <Table.Th ta="right">{t('Customers')}</Table.Th>
            <Table.Th ta="right">{t('Share')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {slices.map(({ label: name, count, percent }) => (
            <Table.Tr key={name}>
              <Table.Td>{name}</Table.Td>
              <Table.Td ta="right">{formatNumber(count)}</Table.Td>
              <Table.Td ta="right">{share(percent)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  )
}
