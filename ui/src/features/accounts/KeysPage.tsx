import { Button, Group, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { usePages } from '@/lib/query'
import { confirm } from '@/ui/confirm'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { EmptyState } from '@/ui/EmptyState'
import { PageHeader } from '@/ui/PageHeader'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime, RelativeTime } from '@/ui/Time'
import { KeyForm } from './keys/KeyForm'
import { keyStatus } from './model'
import type { Key } from './queries'

const KINDS = { service: 'Service', server: 'Server', browser: 'Browser' }

/** Keys for programs: this API, and the data plane. */
export function KeysPage() {
  const queries = useQueryClient()
  const [adding, setAdding] = useState(false)
  const pages = usePages<Key>('/api/keys')
  const refresh = () => queries.invalidateQueries({ queryKey: ['/api/keys'] })
  const revoke = useMutation({ mutationFn: (key: Key) => api.post(`/api/keys/${key.id}/revoke`), onSettled: refresh })
  const ask = async (key: Key) => {
    const title = t('Revoke the key {{name}}?', { name: key.name })
    const text = t('Programs that use it are refused at once. This cannot be undone.')
    if (await confirm({ title, text, action: t('Revoke'), danger: true })) revoke.mutate(key)
  }
  const columns: Column<Key>[] = [
    {
      accessor: 'name',
      title: t('Name'),
      fixed: true,
      render: (key) => (
        <>
          <Text fw={500}>{key.name}</Text>
          <Text size="xs" c="dimmed" ff="monospace">
            {key.prefix}…
          </Text>
        </>
      ),
    },
    { accessor: 'kind', title: t('For'), render: (key) => t(KINDS[key.kind]) },
    { accessor: 'status', title: t('Status'), render: (key) => <StatusBadge status={keyStatus(key, Date.now())} /> },
    {
      accessor: 'reach',
      title: t('May'),
      render: (key) => (
        <Text size="sm" lineClamp={2} maw={320}>
          {[...key.scopes, ...Object.keys(key.grants)].join(', ')}
        </Text>
      ),
    },
    { accessor: 'last_used_at', title: t('Last used'), render: (key) => <RelativeTime value={key.last_used_at} /> },
    { accessor: 'created_at', title: t('Made'), hidden: true, render: (key) => <DateTime value={key.created_at} /> },
    { accessor: 'created_by.name', title: t('Made by') },
    { accessor: 'expires_at', title: t('Expires'), hidden: true, render: (key) => <DateTime value={key.expires_at} /> },
    {
      accessor: 'actions',
      title: t('Actions'),
      fixed: true,
      textAlign: 'right',
      render: (key) =>
        !key.revoked_at && (
          <Button size="compact-sm" variant="subtle" c="var(--mantine-color-error)" onClick={() => void ask(key)}>
            {t('Revoke')}
          </Button>
        ),
    },
  ]
  const add = (
    <Button leftSection={<IconPlus size={16} stroke={1.6} />} onClick={() => setAdding(true)}>
      {t('New key')}
    </Button>
  )
  return (
    <>
      <PageHeader
        title={t('Keys')}
        sub={t('For programs: your servers and sites, and whatever calls this API.')}
        actions={<Group gap="xs">{add}</Group>}
      />
      <DataGrid
        id="keys"
        label={t('Keys')}
        columns={columns}
        {...pages}
        empty={
          <EmptyState title={t('No keys yet')} action={add}>
            {t('A server key lets your shop send events; a browser key is for the script on your site.')}
          </EmptyState>
        }
      />
      {adding && <KeyForm onClose={() => setAdding(false)} onMade={refresh} />}
    </>
  )
}
