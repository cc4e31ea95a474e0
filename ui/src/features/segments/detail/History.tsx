import { Stack, Table, Text } from '@mantine/core'
import { formatDateTime } from '@/lib/dates'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { Chart } from '@/ui/Chart'
import { Section } from '@/ui/Section'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime } from '@/ui/Time'
import type { Segment } from '../model'
import { useVersions } from '../queries'

/** Size over time, and every version: who entered, who left, what failed and why. */
export function History({ segment }: { segment: Segment }) {
  const { data } = useVersions(segment.id, `${segment.latest?.id} ${segment.status}`)
  const versions = data?.items ?? []
  const ready = versions.filter(({ state }) => state === 'ready').toReversed()
  if (versions.length === 0) return <Text c="dimmed">{t('Nothing was calculated yet.')}</Text>
  return (
    <Stack>
      {ready.length > 0 && (
        <Section>
          <Chart
            label={t('Size over time')}
            kind="area"
            categoryLabel={t('Calculated at')}
            categories={ready.map(({ ready_at, created_at }) => formatDateTime(ready_at ?? created_at))}
            series={[{ name: t('Customers'), values: ready.map(({ size }) => size) }]}
          />
        </Section>
      )}
      <Section title={t('Versions')}>
        <Table.ScrollContainer minWidth={560} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table aria-label={t('Versions')}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('Version')}</Table.Th>
                <Table.Th>{t('State')}</Table.Th>
                <Table.Th ta="right">{t('Size')}</Table.Th>
                <Table.Th ta="right">{t('Entered')}</Table.Th>
                <Table.Th ta="right">{t('Left')}</Table.Th>
                <Table.Th>{t('Data as of')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {versions.map((version) => (
                <Table.Tr key={version.id}>
                  <Table.Td>{version.number}</Table.Td>
                  <Table.Td>
                    <StatusBadge status={version.state} />
                    {version.error && <Text size="xs">{version.error}</Text>}
                  </Table.Td>
                  <Table.Td ta="right">{formatNumber(version.size)}</Table.Td>
                  <Table.Td ta="right">{formatNumber(version.entered)}</Table.Td>
                  <Table.Td ta="right">{formatNumber(version.left)}</Table.Td>
                  <Table.Td>
                    <DateTime value={version.data_as_of} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Section>
    </Stack>
  )
}
