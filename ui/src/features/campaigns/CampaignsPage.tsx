import { Anchor, Button, Switch } from '@mantine/core'
import { IconSend } from '@tabler/icons-react'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { usePages } from '@/lib/query'
import { useCan } from '@/lib/session'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { DisabledTip } from '@/ui/DisabledTip'
import { EmptyState } from '@/ui/EmptyState'
import { FilterBar } from '@/ui/FilterBar'
import { PageHeader } from '@/ui/PageHeader'
import { SearchInput } from '@/ui/SearchInput'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime } from '@/ui/Time'
import { type Row, STATUSES } from './model'
import { CAMPAIGNS } from './queries'

const COLUMNS: Column<Row>[] = [
  {
    accessor: 'name',
    title: t('Name'),
    fixed: true,
    render: ({ id, name }) => (
      <Anchor component={Link} to={`/campaigns/${id}`} fz="inherit" onClick={(event) => event.stopPropagation()}>
        {name}
      </Anchor>
    ),
  },
  {
    accessor: 'status',
    title: t('Status'),
    render: ({ status, awaiting_approval }) =>
      awaiting_approval ? <StatusBadge status="pending" label={t('Awaiting approval')} /> : <StatusBadge status={status} />,
  },
  { accessor: 'segment', title: t('Segment'), render: ({ segment }) => segment?.name ?? '–' },
  { accessor: 'planned', title: t('Planned'), textAlign: 'right', render: ({ planned }) => formatNumber(planned) },
  { accessor: 'launched_at', title: t('Launched'), noWrap: true, render: ({ launched_at }) => <DateTime value={launched_at} /> },
  { accessor: 'created_by', title: t('Created by'), render: ({ created_by }) => created_by || '–' },
  { accessor: 'created_at', title: t('Created at'), noWrap: true, render: ({ created_at }) => <DateTime value={created_at} /> },
]
const FILTERS = [
  { key: 'status', label: t('Status'), options: STATUSES.map((value) => ({ value, label: t(value.replace(/^./, (first) => first.toUpperCase())) })) },
]

/** Every campaign, newest first. */
export function CampaignsPage() {
  const { q, status, awaiting } = useSearch({ from: '/campaigns' })
  const navigate = useNavigate({ from: '/campaigns' })
  const mayCreate = useCan('campaigns_manage')
  const pages = usePages<Row>(CAMPAIGNS, { search: q, status: status?.join(','), awaiting })
  const create = (
    <DisabledTip reason={!mayCreate && t('Your role does not allow creating campaigns.')}>
      <Button component={Link} to="/campaigns/new">
        {t('Create campaign')}
      </Button>
    </DisabledTip>
  )
  const empty =
    q || status || awaiting ? (
      <EmptyState title={t('No campaign matches')}>{t('Try another name or other filters.')}</EmptyState>
    ) : (
      <EmptyState title={t('There are no campaigns yet')} icon={IconSend} action={create}>
        {t('A campaign sends one email to the customers of a segment who may be contacted, and measures what it was worth.')}
      </EmptyState>
    )
  return (
    <>
      <PageHeader title={t('Campaigns')} actions={create} />
      <DataGrid
        id="campaigns"
        label={t('Campaigns')}
        columns={COLUMNS}
        {...pages}
        onRow={({ id }) => void navigate({ to: '/campaigns/$id', params: { id } })}
        empty={empty}
        toolbar={
          <FilterBar
            filters={FILTERS}
            value={{ status }}
            onChange={({ status }) => void navigate({ search: (old) => ({ ...old, status }), replace: true })}
          >
            <SearchInput
              label={t('Search campaigns')}
              value={q}
              onChange={(next) => void navigate({ search: (old) => ({ ...old, q: next }), replace: true })}
            />
            <Switch
              label={t('Awaiting approval')}
              checked={!!awaiting}
              onChange={(event) => {
                const next = event.currentTarget.checked || undefined
                void navigate({ search: (old) => ({ ...old, awaiting: next }), replace: true })
              }}
            />
          </FilterBar>
        }
      />
    </>
  )
}
