import { Anchor, Drawer } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { usePages } from '@/lib/query'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { EmptyState } from '@/ui/EmptyState'
import { DateTime } from '@/ui/Time'
import type { Delivery } from './model'
import { CAMPAIGNS } from './queries'
import type { Left } from './Results'

const COLUMNS: Column<Delivery>[] = [
  {
    accessor: 'name',
    title: t('Customer'),
    fixed: true,
    render: ({ customer_id, name }) => (
      <Anchor component={Link} to={`/customers/${customer_id}`} search={{ tab: 'messages' } as never} fz="inherit">
        {name || `#${customer_id}`}
      </Anchor>
    ),
  },
  { accessor: 'address', title: t('Address'), render: ({ address }) => address || '–' },
  { accessor: 'detail', title: t('In the provider’s words'), render: ({ detail }) => detail || '–' },
  { accessor: 'due_at', title: t('Due'), noWrap: true, render: ({ due_at }) => <DateTime value={due_at} /> },
]

/** The people behind one reason. */
export const LeftOut = ({ id, left, onClose }: { id: string; left: Left | null; onClose: () => void }) => (
  <Drawer
    opened={left !== null}
    onClose={onClose}
    position="right"
    size="xl"
    title={left?.words}
    closeButtonProps={{ 'aria-label': t('Close') }}
  >
    {left && <People id={id} left={left} />}
  </Drawer>
)

function People({ id, left: { state, reason } }: { id: string; left: Left }) {
  const pages = usePages<Delivery>(`${CAMPAIGNS}/${id}/deliveries`, { state, reason })
  return (
    <DataGrid
      id="left-out"
      label={t('Customers')}
      columns={COLUMNS}
      {...pages}
      empty={<EmptyState title={t('Nobody you may see')}>{t('They are customers that belong to others.')}</EmptyState>}
    />
  )
}
