import { Button, Table, Text } from '@mantine/core'
import { useState } from 'react'
import { formatDateTime } from '@/lib/dates'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { Section } from '@/ui/Section'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime } from '@/ui/Time'
import type { Segment } from '../model'
import { useVersions } from '../queries'

const FEW = 10

/** Every version that is kept: who entered, who left, what failed and why. */
export function Versions({ segment }: { segment: Segment }) {
  const [isWhole, showWhole] = useState(false)
  const { data } = useVersions(segment.id, `${segment.latest?.id} ${segment.status}`)
  const versions = data?.items ?? []
  if (versions.length === 0) return null
  const shown = isWhole ? versions : versions.slice(0, FEW)
  return (
    <Section
      title={t('Versions')}
      actions={
        versions.length > FEW && (
          <Button variant="subtle" size="compact-sm" onClick={() => showWhole(!isWhole)}>
            {isWhole ? t('Show fewer') : t('Show all {{count, number}}', { count: versions.length })}
          </Button>
        )
      }
    >
      <Table.ScrollContainer minWidth={560}>
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
            {shown.map((version) => (
              <Table.Tr key={version.id}>
                <Table.Td>{version.number}</Table.Td>
                <Table.Td>
                  <StatusBadge status={version.state} />
                  {version.error && <Text size="xs">{version.error}</Text>}
                  {version.missed_at && <Text size="xs">{t('Made up for {{at}}, when nothing ran', { at: formatDateTime(version.missed_at) })}</Text>}
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
  )
}
