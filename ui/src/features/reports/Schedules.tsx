import { ActionIcon, Anchor, Button, Group, Menu, Text } from '@mantine/core'
import { IconCalendarRepeat, IconDots } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '@/lib/client'
import { formatDateTime } from '@/lib/dates'
import { t } from '@/lib/i18n'
import type { Page } from '@/lib/query'
import { useCan } from '@/lib/session'
import { confirm } from '@/ui/confirm'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { EmptyState } from '@/ui/EmptyState'
import { REPORTS } from '@/ui/ExportReport'
import { SCHEDULES } from '@/ui/ScheduleReport'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime } from '@/ui/Time'
import { FORMATS, type Schedule } from './model'

const COLUMNS: Column<Schedule>[] = [
  {
    accessor: 'name',
    title: t('Report'),
    fixed: true,
    width: 240,
    render: ({ name, words, format, existing }) => (
      <>
        <Text fw={500}>{name}</Text>
        {words && <Text size="sm">{words}</Text>}
        <Text size="xs" c="dimmed">
          {FORMATS[format]} · {existing === 'new' ? t('a new version each time') : t('overwrites the version before')}
        </Text>
      </>
    ),
  },
  { accessor: 'when', title: t('When') },
  {
    accessor: 'next_at',
    title: t('Next run'),
    noWrap: true,
    render: ({ next_at }) => (next_at ? <DateTime value={next_at} /> : <StatusBadge status="paused" />),
  },
  {
    accessor: 'last_at',
    title: t('Last run'),
    render: (row) => (
      <>
        <DateTime value={row.last_at} />
        {row.last_report && row.last_state === 'done' && (
          <Anchor href={`${REPORTS}/${row.last_report}/file`} download size="sm" ml="xs" underline="always">
            {t('Download')}
          </Anchor>
        )}
        {row.missed_at && (
          <Text size="xs" c="dimmed" maw={280}>
            {t('Made up for {{at}}, when nothing ran', { at: formatDateTime(row.missed_at) })}
          </Text>
        )}
        {row.problem && (
          <Text size="xs" c="var(--mantine-color-error)" maw={280}>
            {row.problem}
          </Text>
        )}
      </>
    ),
  },
  { accessor: 'created_by.name', title: t('As') },
  { accessor: 'actions', title: t('Actions'), fixed: true, width: 150, render: (row) => <Actions row={row} /> },
]
const REFRESH_MS = 15_000

/** Reports that are made by themselves. */
export function Schedules() {
  const { data, error, refetch } = useQuery({
    queryKey: [SCHEDULES],
    queryFn: ({ signal }) => api.get<Page<Schedule>>(SCHEDULES, {}, { signal }),
    refetchInterval: REFRESH_MS,
  })
  return (
    <DataGrid
      id="report-schedules"
      label={t('Scheduled reports')}
      columns={COLUMNS}
      rows={data?.items}
      total={data?.total ?? undefined}
      error={error}
      onRetry={() => void refetch()}
      empty={
        <EmptyState title={t('No scheduled reports')} icon={IconCalendarRepeat}>
          {t('Open a segment, set its filters, and choose Export report › Schedule…')}
        </EmptyState>
      }
    />
  )
}

function Actions({ row }: { row: Schedule }) {
  const queries = useQueryClient()
  const mayCreate = useCan('reports_create')
  const onSuccess = () => queries.invalidateQueries({ queryKey: [SCHEDULES] })
  const isPaused = row.next_at === null
  const toggle = useMutation({ mutationFn: () => api.patch(`${SCHEDULES}/${row.id}`, { paused: !isPaused }), onSuccess })
  const remove = useMutation({ mutationFn: () => api.delete(`${SCHEDULES}/${row.id}`), onSuccess })
  const ask = async () => {
    const text = t('The reports that it made stay in History.')
    if (await confirm({ title: t('Delete the schedule of {{name}}?', { name: row.name }), text, action: t('Delete'), danger: true })) remove.mutate()
  }
  if (!mayCreate) return null
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      <Button variant="default" size="compact-sm" onClick={() => toggle.mutate()} loading={toggle.isPending}>
        {isPaused ? t('Resume') : t('Pause')}
      </Button>
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
    </Group>
  )
}
