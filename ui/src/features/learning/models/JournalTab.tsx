import { Skeleton, Stack, Table } from '@mantine/core'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Section } from '@/ui/Section'
import { DateTime } from '@/ui/Time'
import { Verdict } from './DriftTab'
import { useDeployments, useScorings } from './queries'
import { Wide } from './Wide'

/** Who put which version to use, and every scoring. */
export function JournalTab() {
  const deployments = useDeployments()
  const scorings = useScorings()
  const error = deployments.error ?? scorings.error
  if (error) return <ErrorState error={error} onRetry={() => void Promise.all([deployments.refetch(), scorings.refetch()])} />
  if (!deployments.data || !scorings.data) return <Skeleton height={240} role="status" aria-label={t('Loading')} />
  if (!deployments.data.total) return <EmptyState title={t('No version was deployed yet')} />
  return (
    <Stack>
      <Section title={t('Deployments')}>
        <Wide label={t('Deployments')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t('Version')}</Table.Th>
              <Table.Th scope="col">{t('By')}</Table.Th>
              <Table.Th scope="col">{t('When')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {deployments.data.items.map(({ version, by, at }) => (
              <Table.Tr key={at}>
                <Table.Td>{version}</Table.Td>
                <Table.Td>{by}</Table.Td>
                <Table.Td><DateTime value={at} /></Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Wide>
      </Section>
      <Section title={t('Scorings')}>
        <Wide label={t('Scorings')} least={560}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t('When')}</Table.Th>
              <Table.Th scope="col">{t('Version')}</Table.Th>
              <Table.Th scope="col">{t('Data')}</Table.Th>
              <Table.Th scope="col" ta="right">{t('Customers scored')}</Table.Th>
              <Table.Th scope="col" ta="right">{t('Rows refused')}</Table.Th>
              <Table.Th scope="col">{t('Drift')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {scorings.data.items.map((one) => (
              <Table.Tr key={one.at}>
                <Table.Td><DateTime value={one.at} /></Table.Td>
                <Table.Td>{one.version}</Table.Td>
                <Table.Td>{one.source === 'purchases' ? t('Purchases') : one.source}</Table.Td>
                <Table.Td ta="right">{formatNumber(one.customers)}</Table.Td>
                <Table.Td ta="right">{formatNumber(one.refused)}</Table.Td>
                <Table.Td><Verdict verdict={one.verdict} /></Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Wide>
      </Section>
    </Stack>
  )
}
