import { ActionIcon, Button, Group, Menu, Text } from '@mantine/core'
import { useInterval } from '@mantine/hooks'
import { IconDots, IconReport } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import { api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { usePages } from '@/lib/query'
import { useCan } from '@/lib/session'
import { confirm } from '@/ui/confirm'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { DisabledTip } from '@/ui/DisabledTip'
import { EmptyState } from '@/ui/EmptyState'
import { FilterBar } from '@/ui/FilterBar'
import { SearchInput } from '@/ui/SearchInput'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime } from '@/ui/Time'
import { REPORTS } from '@/ui/ExportReport'
import { bytes, FORMATS, isMoving, type Report, SUBJECTS } from './model'

const COLUMNS: Column<Report>[] = [
  {
    accessor: 'name',
    title: t('Report'),
    fixed: true,
    width: 240,
    render: ({ name, words, subject_kind, number, format }) => (
      <>
        <Text fw={500}>{name}</Text>
        {words && <Text size="sm">{words}</Text>}
        <Text size="xs" c="dimmed">
          {SUBJECTS[subject_kind]} · {FORMATS[format]} · {t('version {{number}}', { number })}
        </Text>
      </>
    ),
  },
  {
    accessor: 'state',
    title: t('State'),
    render: (row) => (
      <>
        <StatusBadge status={row.state} label={row.state === 'queued' ? (row.progress?.message || t('Being made')) : undefined} />
        {row.error && (
          <Text size="xs" c="var(--mantine-color-error)" maw={280}>
            {row.error}
          </Text>
        )}
      </>
    ),
  },
  { accessor: 'data_as_of', title: t('Data as of'), noWrap: true, render: (row) => <DateTime value={row.data_as_of} /> },
  { accessor: 'created_at', title: t('Made'), noWrap: true, render: (row) => <DateTime value={row.created_at} /> },
  { accessor: 'created_by.name', title: t('By') },
  { accessor: 'size', title: t('Size'), textAlign: 'right', noWrap: true, render: (row) => bytes(row.size) },
  { accessor: 'actions', title: t('Actions'), fixed: true, width: 170, render: (row) => <Actions row={row} /> },
]
const FILTERS = [
  { key: 'subject', label: t('About'), options: Object.entries(SUBJECTS).map(([value, label]) => ({ value, label })) },
  { key: 'format', label: t('Format'), options: Object.entries(FORMATS).map(([value, label]) => ({ value, label })) },
]
const REFRESH_MS = 1500

/** The choice, when there is just one: both chosen is the same as none. */
const one = (chosen: string[] | undefined) => (chosen?.length === 1 ? chosen[0] : undefined)

/** History: every report that was made, to download again. */
export function History() {
  const search = useSearch({ from: '/reports' })
  const navigate = useNavigate({ from: '/reports' })
  const { search: words, format, subject } = search
  const pages = usePages<Report>(REPORTS, { search: words, format: one(format), subject: one(subject) })
  const { start, stop } = useInterval(pages.onRetry, REFRESH_MS)
  const moving = isMoving(pages.rows)
  useEffect(() => {
    if (moving) start()
    return stop
  }, [moving, start, stop])
  const isNarrowed = !!words || !!format || !!subject
  return (
    <DataGrid
      id="reports"
      label={t('Reports')}
      columns={COLUMNS}
      {...pages}
      toolbar={
        <FilterBar filters={FILTERS} value={{ format, subject }} onChange={(value) => void navigate({ search: { ...search, ...value }, replace: true })}>
          <SearchInput label={t('Search reports')} value={words} onChange={(value) => void navigate({ search: { ...search, search: value }, replace: true })} />
        </FilterBar>
      }
      empty={
        isNarrowed ? (
          <EmptyState title={t('No report matches')}>{t('Search for something else, or clear the filters.')}</EmptyState>
        ) : (
          <EmptyState title={t('No reports yet')} icon={IconReport}>
            {t('Open a segment or a campaign and choose Export report: a PDF to forward, or an Excel workbook to work with.')}
          </EmptyState>
        )
      }
    />
  )
}

function Actions({ row }: { row: Report }) {
  const queries = useQueryClient()
  const mayCreate = useCan('reports_create')
  const refresh = () => queries.invalidateQueries({ queryKey: [REPORTS] })
  const retry = useMutation({ mutationFn: () => api.post(`${REPORTS}/${row.id}/retry`), onSuccess: refresh })
  const remove = useMutation({ mutationFn: () => api.delete(`${REPORTS}/${row.id}`), onSuccess: refresh })
  const ask = async () => {
    const text = t('Its file is deleted too. This cannot be undone.')
    if (await confirm({ title: t('Delete this report of {{name}}?', { name: row.name }), text, action: t('Delete'), danger: true })) remove.mutate()
  }
  const again = row.state === 'failed' || row.state === 'cancelled'
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      {row.state === 'done' && (
        <DisabledTip reason={row.barred}>
          <Button component="a" href={row.barred ? undefined : `${REPORTS}/${row.id}/file`} download variant="default" size="compact-sm">
            {t('Download')}
          </Button>
        </DisabledTip>
      )}
      {again && mayCreate && (
        <Button variant="default" size="compact-sm" onClick={() => retry.mutate()} loading={retry.isPending}>
          {t('Retry')}
        </Button>
      )}
      {mayCreate && row.state !== 'queued' && (
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={t('Actions for {{name}}', { name: row.name })}>
              <IconDots size={16} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item color="red.8" onClick={() => void ask()}>
              {t('Delete')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </Group>
  )
}
