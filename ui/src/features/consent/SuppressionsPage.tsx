import { Alert, Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { usePages } from '@/lib/query'
import { useLevel } from '@/lib/session'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { EmptyState } from '@/ui/EmptyState'
import { PageHeader } from '@/ui/PageHeader'
import { SearchInput } from '@/ui/SearchInput'
import { DateTime } from '@/ui/Time'
import { CHANNELS, channelName, purposeName } from './model'
import { SUPPRESSIONS, type Suppression, useLift, useSuppress } from './queries'

/** Addresses nothing is sent to, whoever they belong to. */
export function SuppressionsPage() {
  const { search } = useSearch({ from: '/settings/suppressions' })
  const navigate = useNavigate({ from: '/settings/suppressions' })
  const [adding, setAdding] = useState(false)
  const [lifting, setLifting] = useState<Suppression | null>(null)
  const ownedOnly = useLevel('customers_view') === 'all' ? undefined : t('only of customers you own, and what you added')
  const columns: Column<Suppression>[] = [
    { accessor: 'address', title: t('Address'), fixed: true },
    { accessor: 'channel', title: t('Channel'), render: ({ channel }) => t(channelName(channel)) },
    { accessor: 'purpose', title: t('For'), render: ({ purpose }) => t(purposeName(purpose)) },
    { accessor: 'reason', title: t('Reason'), render: ({ reason }) => t(reason) },
    { accessor: 'at', title: t('Since'), render: ({ at }) => <DateTime value={at} /> },
    {
      accessor: 'actions',
      title: t('Actions'),
      fixed: true,
      textAlign: 'right',
      render: (row) =>
        row.reason !== 'erased' && (
          <Button size="compact-sm" variant="subtle" aria-label={t('Lift {{address}}', row)} onClick={() => setLifting(row)}>
            {t('Lift')}
          </Button>
        ),
    },
  ]
  const add = (
    <Button leftSection={<IconPlus size={16} stroke={1.6} />} onClick={() => setAdding(true)}>
      {t('Suppress an address')}
    </Button>
  )
  return (
    <>
      <PageHeader
        title={t('Suppressions')}
        sub={t('Addresses nothing is sent to: unsubscribed, bounced, complained, erased, or put here by hand.')}
        actions={add}
      />
      <DataGrid
        id="suppressions"
        label={t('Suppressions')}
        columns={columns}
        {...usePages<Suppression>(SUPPRESSIONS, { search })}
        toolbar={
          <SearchInput
            label={t('Search addresses')}
            value={search}
            onChange={(next) => void navigate({ search: { search: next }, replace: true })}
          />
        }
        note={ownedOnly}
        empty={<EmptyState title={search ? t('No address matches') : t('No address is suppressed')}>{ownedOnly}</EmptyState>}
      />
      {adding && <Add onClose={() => setAdding(false)} />}
      {lifting && <Lift row={lifting} onClose={() => setLifting(null)} />}
    </>
  )
}

function Add({ onClose }: { onClose: () => void }) {
  const [address, setAddress] = useState('')
  const [channel, setChannel] = useState('email')
  const suppress = useSuppress()
  return (
    <Modal opened onClose={onClose} title={t('Suppress an address')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          suppress.mutate({ address, channel, purpose: '*' }, { onSuccess: onClose })
        }}
      >
        <Stack gap="sm">
          <TextInput label={t('Address')} required data-autofocus value={address} onChange={(e) => setAddress(e.currentTarget.value)} />
          <Select
            label={t('Channel')}
            allowDeselect={false}
            data={CHANNELS.map(({ value, label }) => ({ value, label: t(label) }))}
            value={channel}
            onChange={(next) => next && setChannel(next)}
          />
          {suppress.error && <Alert color="red">{sentence(suppress.error)}</Alert>}
          <Buttons action={t('Suppress')} busy={suppress.isPending} onClose={onClose} />
        </Stack>
      </form>
    </Modal>
  )
}

function Lift({ row, onClose }: { row: Suppression; onClose: () => void }) {
  const [reason, setReason] = useState('')
  const lift = useLift()
  return (
    <Modal opened onClose={onClose} title={t('Write to {{address}} again?', row)}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          lift.mutate({ id: row.id, reason }, { onSuccess: onClose })
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={t('Why')}
            description={t('It is kept in the audit trail.')}
            required
            maxLength={200}
            data-autofocus
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {lift.error && <Alert color="red">{sentence(lift.error)}</Alert>}
          <Buttons action={t('Lift')} busy={lift.isPending} onClose={onClose} />
        </Stack>
      </form>
    </Modal>
  )
}

const Buttons = ({ action, busy, onClose }: { action: string; busy: boolean; onClose: () => void }) => (
  <Group justify="flex-end">
    <Button variant="default" onClick={onClose}>
      {t('Cancel')}
    </Button>
    <Button type="submit" loading={busy}>
      {action}
    </Button>
  </Group>
)
