import { Badge, Button, Group, Text } from '@mantine/core'
import { IconPlus, IconSend } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { EmptyState } from '@/ui/EmptyState'
import { PageHeader } from '@/ui/PageHeader'
import { StatusBadge } from '@/ui/StatusBadge'
import { health } from './model'
import { type SenderBrief, sendersQuery, useArchiveSender } from './queries'
import { SenderForm } from './senders/SenderForm'

/** Who messages are from, and through which provider they leave. */
export function SendersPage() {
  const list = useQuery(sendersQuery)
  const archive = useArchiveSender()
  const [open, setOpen] = useState<string | 'new' | null>(null)
  const ask = async ({ id, name }: SenderBrief) => {
    const title = t('Archive the sender {{name}}?', { name })
    const text = t('Nothing can be sent with it any more. What was sent stays as it is.')
    if (await confirm({ title, text, action: t('Archive'), danger: true })) archive.mutate(id)
  }
  const columns: Column<SenderBrief>[] = [
    {
      accessor: 'name',
      title: t('Name'),
      fixed: true,
      render: ({ name, default: first }) => (
        <Group gap="xs" wrap="nowrap">
          <Text fw={500}>{name}</Text>
          {first && <Badge variant="light">{t('Default')}</Badge>}
        </Group>
      ),
    },
    { accessor: 'from_name', title: t('From'), render: ({ from_name, from_address }) => `${from_name} <${from_address}>` },
    {
      accessor: 'state',
      title: t('Status'),
      render: ({ state }) => <StatusBadge status={state} {...health(state)} label={t(health(state).label)} />,
    },
    {
      accessor: 'actions',
      title: t('Actions'),
      fixed: true,
      textAlign: 'right',
      render: (row) => (
        <Group gap={4} justify="flex-end" wrap="nowrap">
          <Button size="compact-sm" variant="subtle" aria-label={t('Edit {{name}}', { name: row.name })} onClick={() => setOpen(row.id)}>
            {t('Edit')}
          </Button>
          <Button
            size="compact-sm"
            variant="subtle"
            c="var(--mantine-color-error)"
            aria-label={t('Archive {{name}}', { name: row.name })}
            onClick={() => void ask(row)}
          >
            {t('Archive')}
          </Button>
        </Group>
      ),
    },
  ]
  const add = (
    <Button leftSection={<IconPlus size={16} stroke={1.6} />} onClick={() => setOpen('new')}>
      {t('New sender')}
    </Button>
  )
  return (
    <>
      <PageHeader
        title={t('Senders')}
        sub={t('Who messages are from, through which provider they leave, and how fast.')}
        actions={add}
      />
      <DataGrid
        id="senders"
        label={t('Senders')}
        columns={columns}
        rows={list.data?.items}
        total={list.data?.total}
        error={list.error}
        onRetry={() => void list.refetch()}
        empty={
          <EmptyState title={t('No sender yet')} action={add} icon={IconSend}>
            {t('Add the mail server of your organisation; nothing can be sent without one.')}
          </EmptyState>
        }
      />
      {open && <SenderForm id={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
    </>
  )
}
