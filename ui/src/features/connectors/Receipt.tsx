import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { t } from '@/lib/i18n'
import { usePages } from '@/lib/query'
import { JobProgress } from '@/ui/JobProgress'
import { Facts, Section } from '@/ui/Section'
import { Stat } from '@/ui/Stat'
import { DateTime } from '@/ui/Time'
import { Findings } from './Findings'
import { type Finding, type Import, isRunning } from './model'
import { PATH } from './queries'

/** How far an import is, and in the end what became of every row. */
export function Receipt({ row }: { row: Import }) {
  const queries = useQueryClient()
  return (
    <Stack>
      {isRunning(row) && row.job_id && (
        <Section>
          <JobProgress id={row.job_id} label={t('Importing')} onOver={() => void queries.invalidateQueries({ queryKey: [PATH] })} />
        </Section>
      )}
      {row.message && <Alert color={row.state === 'failed' ? 'red' : 'gray'}>{row.message}</Alert>}
      <Section title={t('Receipt')}>
        <Group gap="xl" mb="md">
          <Stat label={t('Rows done')} value={row.position} of={row.rows && row.state !== 'done' ? row.rows : undefined} />
          <Stat label={t('Created')} value={row.created} />
          <Stat label={t('Updated')} value={row.updated} />
          <Stat label={t('Unchanged')} value={row.unchanged} />
          <Stat label={t('Rejected')} value={row.rejected} />
          {row.left_out > 0 && <Stat label={t('Values left out')} value={row.left_out} />}
        </Group>
        <Facts
          items={[
            [t('Started by'), row.created_by || '–'],
            [t('Uploaded'), <DateTime key="up" value={row.created_at} />],
            [t('Ended'), <DateTime key="end" value={row.finished_at} />],
            [t('Columns taken'), Object.entries(row.mapping).map(([column, field]) => `${column} → ${field}`).join(', ')],
          ]}
        />
      </Section>
      {row.rejected + row.left_out > 0 && <RowsThatNeedAttention row={row} />}
    </Stack>
  )
}

function RowsThatNeedAttention({ row }: { row: Import }) {
  const path = `/api/connectors/imports/${row.id}`
  const { rows, onMore, fetching } = usePages<Finding>(`${path}/findings`, { state: row.state })
  return (
    <Section
      title={t('Rows that need attention')}
      actions={<Anchor href={`${path}/receipt.csv`} download>{t('Download as CSV')}</Anchor>}
    >
      {rows ? <Findings findings={rows} /> : <Text c="dimmed">{t('Loading')}</Text>}
      {onMore && <Button variant="default" size="compact-sm" mt="sm" onClick={onMore} loading={fetching}>{t('Load more')}</Button>}
    </Section>
  )
}
