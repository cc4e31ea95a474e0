import { Button, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { EmptyState } from '@/ui/EmptyState'
import { PageHeader } from '@/ui/PageHeader'
import { StatusBadge } from '@/ui/StatusBadge'
import { RelativeTime } from '@/ui/Time'
import { HAPPENINGS, stateOf, type Webhook } from './webhooks/model'
import { useWebhooks } from './webhooks/queries'
import { WebhookForm } from './webhooks/WebhookForm'

const wordsOf = (event: string) => t(HAPPENINGS.find(({ value }) => value === event)?.label ?? event)

/** Servers of the organisation that are told who enters and leaves segments. */
export function WebhooksPage() {
  const [adding, setAdding] = useState(false)
  const navigate = useNavigate()
  const found = useWebhooks()
  const columns: Column<Webhook>[] = [
    {
      accessor: 'url',
      title: t('Address'),
      fixed: true,
      render: ({ url, description }) => (
        <>
          <Text fw={500} maw={420} truncate>
            {url}
          </Text>
          <Text size="xs" c="dimmed">
            {description}
          </Text>
        </>
      ),
    },
    {
      accessor: 'state',
      title: t('Status'),
      render: (row) => {
        const { status, label } = stateOf(row, Date.now())
        return <StatusBadge status={status} label={t(label)} />
      },
    },
    {
      accessor: 'events',
      title: t('Told when'),
      render: ({ events, segments }) => (
        <>
          <Text size="sm">{events.map(wordsOf).join('; ')}</Text>
          <Text size="xs" c="dimmed">
            {segments.length ? t('{{count, number}} segments', { count: segments.length }) : t('Every segment')}
          </Text>
        </>
      ),
    },
    { accessor: 'succeeded_at', title: t('Last taken'), render: (row) => <RelativeTime value={row.succeeded_at} /> },
    { accessor: 'created_by', title: t('Made by'), hidden: true },
  ]
  const add = (
    <Button leftSection={<IconPlus size={16} stroke={1.6} />} onClick={() => setAdding(true)}>
      {t('New webhook')}
    </Button>
  )
  return (
    <>
      <PageHeader
        title={t('Webhooks')}
        sub={t('Your servers are told at once who enters and who leaves a segment.')}
        actions={add}
      />
      <DataGrid
        id="webhooks"
        label={t('Webhooks')}
        columns={columns}
        rows={found.data?.items}
        error={found.error}
        onRetry={() => void found.refetch()}
        onRow={({ id }) => void navigate({ to: '/settings/webhooks/$id', params: { id } })}
        empty={
          <EmptyState title={t('No webhooks yet')} action={add}>
            {t('Give the address of a server of yours; what it is sent is signed, and sent again until it has taken it.')}
          </EmptyState>
        }
      />
      {adding && <WebhookForm onClose={() => setAdding(false)} />}
    </>
  )
}
