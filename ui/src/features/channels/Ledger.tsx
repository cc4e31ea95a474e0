import { Anchor, Stack, Text } from '@mantine/core'
import { IconMailOff } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { usePages } from '@/lib/query'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { EmptyState } from '@/ui/EmptyState'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime } from '@/ui/Time'
import { story } from './model'
import type { Delivery } from './queries'

const columns: Column<Delivery>[] = [
  { accessor: 'due_at', title: t('Due'), fixed: true, render: ({ due_at }) => <DateTime value={due_at} /> },
  {
    accessor: 'source',
    title: t('Campaign'),
    render: ({ source, source_id }) =>
      source ? (
        <Anchor component={Link} to={`/campaigns/${source_id}`} fz="inherit">
          {source}
        </Anchor>
      ) : (
        '–'
      ),
  },
  { accessor: 'state', title: t('State'), fixed: true, render: ({ state }) => <StatusBadge status={state} /> },
  {
    accessor: 'said',
    title: t('Why'),
    render: ({ said, detail }) => (
      <Stack gap={0} maw={420}>
        <Text size="sm">{said ? t(said) : '–'}</Text>
        {detail && (
          <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            {detail}
          </Text>
        )}
      </Stack>
    ),
  },
  {
    accessor: 'story',
    title: t('What happened'),
    render: (row) => (
      <Stack gap={0}>
        {story(row).map(({ what, at }) => (
          <Text key={what} size="sm">
            {t(what)} <DateTime value={at} />
          </Text>
        ))}
      </Stack>
    ),
  },
  { accessor: 'channel', title: t('Channel'), hidden: true },
  { accessor: 'purpose', title: t('Purpose'), hidden: true },
  { accessor: 'address', title: t('Address'), hidden: true, render: ({ address }) => address || '–' },
]

/** Every message planned for a customer: why was she, or was she not, written to? */
export const Ledger = ({ customer }: { customer: number }) => (
  <DataGrid
    id="ledger"
    label={t('Messages')}
    columns={columns}
    {...usePages<Delivery>(`/api/channels/ledger/${customer}`)}
    empty={
      <EmptyState title={t('No message was ever planned')} icon={IconMailOff}>
        {t('Messages of campaigns appear here, also those that were not sent, with the reason.')}
      </EmptyState>
    }
  />
)
