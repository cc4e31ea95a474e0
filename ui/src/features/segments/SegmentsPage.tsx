import { ActionIcon, Anchor, Button, Group, Menu, SegmentedControl } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { usePages } from '@/lib/query'
import { useCan } from '@/lib/session'
import { confirm } from '@/ui/confirm'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { EmptyState } from '@/ui/EmptyState'
import { PageHeader } from '@/ui/PageHeader'
import { SearchInput } from '@/ui/SearchInput'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime } from '@/ui/Time'
import { CreatedFilter } from './CreatedFilter'
import { createdBounds, type SegmentRow } from './model'
import { useVerb } from './queries'

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
  { accessor: 'status', title: t('Status'), render: ({ status }) => <StatusBadge status={archived ? 'archived' : status} /> },
  { accessor: 'created_by', title: t('Created by'), render: ({ created_by }) => created_by?.name ?? '–' },
  { accessor: 'created_at', title: t('Created at'), noWrap: true, render: ({ created_at }) => <DateTime value={created_at} /> },
  { accessor: 'actions', title: t('Actions'), fixed: true, width: 80, render: (row) => <Actions row={row} /> },
]

/** Every segment: newest first, searched, narrowed by when it was created. */
export function SegmentsPage() {
  const { q, from, to, archived } = useSearch({ from: '/segments' })
  const navigate = useNavigate({ from: '/segments' })
  const canAdd = useCan('customers_segment_add')
  const pages = usePages<SegmentRow>('/api/segments', { search: q, archived, ...createdBounds(from, to) })
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
      <PageHeader title={t('Segments')} actions={create} />
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

/** What can be done with one segment; which of it is allowed, the server decides. */
function Actions({ row: { id, name, size, archived } }: { row: SegmentRow }) {
  const navigate = useNavigate()
  const verb = useVerb()
  const [canAdd, canEdit, canArchive] = [
    useCan('customers_segment_add'),
    useCan('customers_segment_manage'),
    useCan('customers_segment_archived'),
  ]
  const duplicate = async () => {
    const copy = await verb.mutateAsync({ id, verb: 'duplicate' })
    await navigate({ to: '/segments/$id/edit', params: { id: copy.id } })
  }
  const archive = async () => {
    const text = t('“{{name}}” leaves the active lists and is no longer recalculated. You can bring it back.', { name })
    if (archived || (await confirm({ title: t('Archive this segment?'), text, action: t('Archive') })))
      verb.mutate({ id, verb: archived ? 'unarchive' : 'archive' })
  }
  return (
    <Group onClick={(event) => event.stopPropagation()} onKeyDown={(event) => event.stopPropagation()}>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t('Actions for {{name}}', { name })}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} to={`/segments/${id}`}>
            {t('View details')}
          </Menu.Item>
          {canEdit && !archived && (
            <Menu.Item component={Link} to={`/segments/${id}/edit`}>
              {t('Edit')}
            </Menu.Item>
          )}
          {canAdd && <Menu.Item onClick={() => void duplicate()}>{t('Duplicate')}</Menu.Item>}
          {canArchive && (
            <Menu.Item onClick={() => void archive()}>{archived ? t('Unarchive') : t('Archive')}</Menu.Item>
          )}
          {!archived && size != null && <Menu.Label>{t('{{count, number}} customers', { count: size })}</Menu.Label>}
        </Menu.Dropdown>
      </Menu>
    </Group>
  )
}
