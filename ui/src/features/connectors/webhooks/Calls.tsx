import { Button, Text } from '@mantine/core'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { EmptyState } from '@/ui/EmptyState'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime, RelativeTime } from '@/ui/Time'
import { answerOf, type Call } from './model'
import { useCalls, useResend } from './queries'

const WORDS = { waiting: 'Waiting', sent: 'Taken', given_up: 'Given up', stopped: 'Stopped' }
const STATUS = { waiting: 'waiting', sent: 'sent', given_up: 'failed', stopped: 'cancelled' }

/** What a webhook was told lately, with what came back. */
export function Calls({ webhook }: { webhook: string }) {
  const found = useCalls(webhook)
  const resend = useResend()
  const columns: Column<Call>[] = [
    {
      accessor: 'event',
      title: t('What'),
      fixed: true,
      render: (call) => (
        <>
          <Text size="sm" ff="monospace">
            {call.event}
          </Text>
          <Text size="xs" c="dimmed">
            {call.segment && `${call.segment} · ${formatNumber(call.customers)}`}
          </Text>
        </>
      ),
    },
    {
      accessor: 'state',
      title: t('Status'),
      render: (call) => <StatusBadge status={STATUS[call.state]} label={t(WORDS[call.state])} />,
    },
    {
      accessor: 'part',
      title: t('Parts'),
      render: ({ part, parts }) => t('{{part, number}} of {{parts, number}}', { part, parts }),
    },
    { accessor: 'tries', title: t('Attempts'), textAlign: 'right' },
    {
      accessor: 'answer',
      title: t('Answer'),
      render: (call) => (
        <Text size="sm" lineClamp={2} maw={360}>
          {answerOf(call) || '–'}
        </Text>
      ),
    },
    { accessor: 'at', title: t('Happened'), render: (call) => <RelativeTime value={call.at} /> },
    {
      accessor: 'due_at',
      title: t('Next attempt'),
      render: (call) => (call.state === 'waiting' && call.attempts > 0 ? <DateTime value={call.due_at} /> : '–'),
    },
    {
      accessor: 'actions',
      title: t('Actions'),
      fixed: true,
      textAlign: 'right',
      render: (call) =>
        call.state !== 'waiting' && (
          <Button size="compact-sm" variant="subtle" onClick={() => resend.mutate(call.id)}>
            {t('Send again')}
          </Button>
        ),
    },
  ]
  return (
    <DataGrid
      id="webhook-calls"
      label={t('What it was told')}
      columns={columns}
      rows={found.data?.items}
      error={found.error}
      onRetry={() => void found.refetch()}
      empty={
        <EmptyState title={t('Nothing was sent yet')}>
          {t('Send a test, or wait until somebody enters or leaves a segment.')}
        </EmptyState>
      }
    />
  )
}
