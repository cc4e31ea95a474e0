import { Alert, Button, Modal, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { formatNumber, formatPercent } from '@/lib/numbers'
import { JobProgress } from '@/ui/JobProgress'
import { type Comparison, metricName, movement } from './model'
import { useCompare, useComparison, useRefresh } from './queries'
import { Wide } from './Wide'

type Props = { version: number; mayCompare: boolean; onClose: () => void }

/** A version beside the one in use, on the same customers: metrics, and who moved. */
export function ComparisonDialog({ version, mayCompare, onClose }: Props) {
  const { data, error } = useComparison(version)
  const [job, setJob] = useState<string | null>(null)
  const compare = useCompare()
  const refresh = useRefresh()
  const start = () => compare.mutate(version, { onSuccess: (started) => setJob(started.job) })
  const found = data?.comparison
  return (
    <Modal opened onClose={onClose} size={1160} title={t('Version {{version}} beside the one in use', { version })}>
      {(error ?? compare.error) && <Alert color="red">{sentence(error ?? compare.error)}</Alert>}
      {!data && !error && <Skeleton height={160} role="status" aria-label={t('Loading')} />}
      {data && !found && !job && (
        <Stack align="flex-start">
          <Text>{t('The two were not compared on the same customers yet.')}</Text>
          {mayCompare && (
            <Button loading={compare.isPending} onClick={start}>
              {t('Compare')}
            </Button>
          )}
        </Stack>
      )}
      {!found && job && <JobProgress id={job} label={t('Comparing')} onOver={refresh} />}
      {found && <Beside found={found} version={version} />}
    </Modal>
  )
}

function Beside({ found, version }: { found: Comparison; version: number }) {
  const { columns, rows } = movement(found, version)
  return (
    <Stack>
      <Text fw={500}>{found.verdict}</Text>
      <Text>{t('{{share}} of the customers stay in their segment.', { share: formatPercent(found.stayed) })}</Text>
      <Wide label={t('Metrics on the same customers')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t('Metric')}</Table.Th>
            <Table.Th scope="col" ta="right">{t('Version {{number}} (in use)', { number: found.with })}</Table.Th>
            <Table.Th scope="col" ta="right">{t('Version {{number}}', { number: version })}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {Object.entries(found.after).map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={400}>{metricName(name)}</Table.Th>
              <Table.Td ta="right">{found.before[name]?.toFixed(3) ?? '–'}</Table.Td>
              <Table.Td ta="right">{value.toFixed(3)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Wide>
      <Title order={3} size="h4">{t('Who moved')}</Title>
      <Wide label={t('Who moved')} least={120 + 96 * columns.length}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t('From ↓ to →')}</Table.Th>
            {columns.map(({ key, name }) => (
              <Table.Th key={key} scope="col" ta="right">{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ key, name, counts }) => (
            <Table.Tr key={key}>
              <Table.Th scope="row" fw={400}>{name}</Table.Th>
              {counts.map((count, at) => (
                <Table.Td key={columns[at]!.key} ta="right" fw={columns[at]!.key === key ? 600 : 400} c={count ? undefined : 'dimmed'}>
                  {formatNumber(count)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Wide>
    </Stack>
  )
}
