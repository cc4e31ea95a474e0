import { Alert, Loader, Stack, Table, Text } from '@mantine/core'
import { useCallback } from 'react'
import { formatDate } from '@/lib/dates'
import { t } from '@/lib/i18n'
import { Chart } from '@/ui/Chart'
import type { EChartsOption } from '@/ui/echarts'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Section } from '@/ui/Section'
import { DateTime } from '@/ui/Time'
import { changeLines, editedDays, type HistoryDay, type RuleChange } from '../history'
import type { Segment } from '../model'
import { useHistory } from '../queries'
import { DayMembers } from './HistoryDay'
import { Versions } from './Versions'

/** Size, entered and left per day with the edits marked; the members of any date; who changed what. */
export function History({ segment }: { segment: Segment }) {
  const { data, error, refetch } = useHistory(segment.id, `${segment.version?.number} ${segment.rule_version}`)
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (!data) return <Loader />
  return (
    <Stack>
      <Days days={data.days} changes={data.changes} />
      {segment.version && <DayMembers id={segment.id} today={data.today} />}
      <Changes changes={data.changes} />
      <Versions segment={segment} />
    </Stack>
  )
}

type MarkedDay = { data?: { changes?: RuleChange[] } }

/** Plain text nodes: what people typed is never read as HTML. */
function told({ data }: MarkedDay) {
  const box = document.createElement('div')
  for (const change of data?.changes ?? [])
    for (const line of [change.changed_by?.name ?? t('System'), ...changeLines(change)]) {
      const row = document.createElement('div')
      row.textContent = line
      row.style.whiteSpace = 'normal'
      row.style.maxWidth = '340px'
      box.append(row)
    }
  return box
}

function Days({ days, changes }: { days: HistoryDay[]; changes: RuleChange[] }) {
  const marked = useCallback(
    (option: EChartsOption): EChartsOption => {
      const [size, ...others] = option.series as object[]
      const markLine = {
        symbol: ['none', 'circle'],
        symbolSize: 9,
        lineStyle: { type: 'dashed', width: 2 },
        label: { formatter: t('Edited'), position: 'insideEndTop', color: 'inherit', textBorderWidth: 0 },
        tooltip: { trigger: 'item', formatter: told },
        data: editedDays(days, changes).map(({ day, changes: found }) => ({ xAxis: formatDate(day), changes: found })),
      }
      return { ...option, series: [{ ...size, markLine }, ...others] }
    },
    [days, changes],
  )
  if (days.length === 0)
    return (
      <EmptyState title={t('No day is recorded yet')}>
        {t('Each day on which the members are calculated adds a line here.')}
      </EmptyState>
    )
  const categories = days.map(({ day }) => formatDate(day))
  return (
    <>
      <Section>
        <Chart
          label={t('Size per day')}
          kind="line"
          categoryLabel={t('Day')}
          categories={categories}
          series={[{ name: t('Customers'), values: days.map(({ size }) => size) }]}
          extend={marked}
        />
      </Section>
      <Section>
        <Chart
          label={t('Entered and left per day')}
          kind="bar"
          height={180}
          categoryLabel={t('Day')}
          categories={categories}
          series={[
            { name: t('Entered'), values: days.map(({ entered }) => entered) },
            { name: t('Left'), values: days.map(({ left }) => left) },
          ]}
        />
      </Section>
    </>
  )
}

function Changes({ changes }: { changes: RuleChange[] }) {
  if (changes.length === 0) return <Alert>{t('This segment was last saved before changes were kept.')}</Alert>
  return (
    <Section title={t('Who changed what')}>
      <Table.ScrollContainer minWidth={520}>
        <Table aria-label={t('Who changed what')} verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('When')}</Table.Th>
              <Table.Th>{t('Who')}</Table.Th>
              <Table.Th>{t('What')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {changes.map((change) => (
              <Table.Tr key={change.id} style={{ verticalAlign: 'top' }}>
                <Table.Td>
                  <DateTime value={change.changed_at} />
                </Table.Td>
                <Table.Td>{change.changed_by?.name ?? t('System')}</Table.Td>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>
                  {changeLines(change).map((line) => (
                    <Text key={line} size="sm">
                      {line}
                    </Text>
                  ))}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  )
}
