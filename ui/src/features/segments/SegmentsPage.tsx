import { Anchor, Button, SegmentedControl } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { usePages } from '@/lib/query'
import { useCan } from '@/lib/session'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { EmptyState } from '@/ui/EmptyState'
import { PageHeader } from '@/ui/PageHeader'
import { SearchInput } from '@/ui/SearchInput'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime } from '@/ui/Time'
import { CreatedFilter } from './CreatedFilter'
import { createdBounds } from './created'
import type { SegmentRow } from './model'
import { RowActions } from './RowActions'

const KINDS: Record<SegmentRow['kind'], string> = {
  rule: t('Rule'),
  static: t('Uploaded list'),
  discovered: t('Discovered'),
}

const columns = (archived: boolean): Column<SegmentRow>[] => [
  {
    accessor: 'name',
    title: t('Name'),
    fixed: true,
    render: ({ id, name }) => (
      <Anchor component={Link} to={`/segments/${id}`} onClick={(event) => event.stopPropagation()}>
        {name}
      </Anchor>
    ),
  },
  { accessor: 'size', title: t('Size'), textAlign: 'right', render: ({ size }) => formatNumber(size) },
  { accessor: 'kind', title: t('Kind'), render: ({ kind }) => KINDS[kind] },
  { accessor: 'status', title: t('Status'), render: ({ status }) => <StatusBadge status={archived ? 'archived' : status} /> },
  { accessor: 'created_by', title: t('Created by'), render: ({ created_by }) => created_by?.name ?? '–' },
  { accessor: 'created_at', title: t('Created at'), noWrap: true, render: ({ created_at }) => <DateTime value={created_at} /> },
  { accessor: 'actions', title: t('Actions'), fixed: true, width: 80, render: (row) => <RowActions row={row} /> },
]

/** Every segment: newest first, searched, narrowed by when it was created. */
export function SegmentsPage() {
  const { q, from, to, archived } = useSearch({ from: '/segments' })
  const navigate = useNavigate({ from: '/segments' })
  const canAdd = useCan('customers_segment_add')
  const pages = usePages<SegmentRow>('/api/segments', { search: q, archived, ...createdBounds({ from, to }) })
  const create = canAdd && (
    <Button component={Link} to="/segments/new">
      {t('Create segment')}
    </Button>
  )
  const isNarrowed = !!(q || from || to)
  const empty = isNarrowed ? (
    <EmptyState title={t('No segments found')}>{t('Try another name or another time.')}</EmptyState>
  ) : archived ? (
    <EmptyState title={t('Nothing is archived')} />
  ) : (
    <EmptyState title={t('There are no segments yet')} action={create}>
      {t('A segment is a rule; whom it holds changes by itself.')}
    </EmptyState>
  )
  return (
    <>
      <PageHeader
        title={t('Segments')}
        actions={
          <>
            <Button component={Link} to="/segments/compare" variant="default">
              {t('Compare')}
            </Button>
            {canAdd && (
              <Button component={Link} to="/segments/new/list" variant="default">
                {t('From a list')}
              </Button>
            )}
            {create}
          </>
        }
      />
      <DataGrid
        id="segments"
        label={t('Segments')}
        columns={columns(!!archived)}
        {...pages}
        onRow={({ id }) => void navigate({ to: '/segments/$id', params: { id } })}
        empty={empty}
        toolbar={
          <>
            <SearchInput
              label={t('Search segments')}
              value={q}
              onChange={(next) => void navigate({ search: (old) => ({ ...old, q: next }) })}
            />
            <CreatedFilter
              from={from}
              to={to}
              onChange={(bounds) => void navigate({ search: (old) => ({ ...old, ...bounds }) })}
            />
            <SegmentedControl
              size="xs"
              aria-label={t('Which segments')}
              value={archived ? 'archived' : 'active'}
              onChange={(which) =>
                void navigate({ search: (old) => ({ ...old, archived: which === 'archived' || undefined }) })
              }
              data={[
                { value: 'active', label: t('Active') },
                { value: 'archived', label: t('Archived') },
              ]}
            />
          </>
        }
      />
    </>
  )
}
