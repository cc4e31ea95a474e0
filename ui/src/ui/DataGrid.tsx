import 'mantine-datatable/styles.layer.css'
import { Button, Group, Paper, Skeleton, Stack, Text } from '@mantine/core'
import { DataTable, type DataTableColumn, type DataTableProps } from 'mantine-datatable'
import type { KeyboardEvent, ReactNode } from 'react'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { EmptyState } from './EmptyState'
import { ErrorState } from './ErrorState'
import { ColumnMenu, useHiddenColumns } from './ColumnMenu'

export type Column<T> = DataTableColumn<T> & {
  accessor: string
  title: string
  /** Cannot be hidden. */
  fixed?: boolean
  /** Hidden until asked for. */
  hidden?: boolean
}

type Props<T> = {
  /** Remembers the hidden columns on this device. */
  id: string
  /** What the rows are, for the table's name: "Customers". */
  label: string
  columns: Column<T>[]

  // What `usePages` returns; a plain list gives just `rows`.
  rows: T[] | undefined
  total?: number
  error?: unknown
  fetching?: boolean
  /** The rows answer an older question; the new ones are on their way. */
  stale?: boolean
  onMore?: () => void
  onRetry?: () => void

  rowId?: (row: T) => string
  onRow?: (row: T) => void
  /** Controlled selection; shows the check boxes. */
  selected?: T[]
  onSelect?: (rows: T[]) => void
  /** Buttons shown while something is selected. */
  bulk?: ReactNode
  /** Accessor of the sorted column, "-" before it for descending. */
  sort?: string
  onSort?: (sort: string) => void
  /** Shown instead of the table when there is nothing: an EmptyState. */
  empty?: ReactNode
  /** Left of the column menu: filters, search. */
  toolbar?: ReactNode
  /** Beside the count: "only customers you own". */
  note?: ReactNode
  maxHeight?: string | number
}

const byId = (row: unknown) => String((row as { id: string | number }).id)

const openOnEnter = (open: () => void) => (event: KeyboardEvent) => {
  if (event.key === 'Enter' && event.target === event.currentTarget) open()
}

/** A list of rows: sticky header, keyset paging, selection, hideable columns, and its four empty states. */
export function DataGrid<T>(props: Props<T>) {
  const { id, label, columns, rows, error, onRetry, empty, toolbar } = props
  const [hidden, toggle] = useHiddenColumns(id, columns)
  return (
    <Stack gap="xs">
      <Group gap="xs" justify="space-between" align="flex-end">
        <Group gap="xs" flex={1}>
          {toolbar}
        </Group>
        <ColumnMenu columns={columns} hidden={hidden} onToggle={toggle} />
      </Group>
      {error && !rows ? (
        <ErrorState error={error} onRetry={onRetry} />
      ) : !rows ? (
        <Loading label={label} />
      ) : rows.length === 0 ? (
        (empty ?? <EmptyState title={t('Nothing here')} />)
      ) : (
        <Rows {...props} rows={rows} columns={columns.filter(({ accessor }) => !hidden.includes(accessor))} />
      )}
    </Stack>
  )
}

function Rows<T>(props: Props<T> & { rows: T[] }) {
  const { label, columns, rows, fetching, stale, onMore, onRow, rowId = byId, selected, onSelect, sort, onSort } = props
  const selection = onSelect && {
    selectedRecords: selected ?? [],
    onSelectedRecordsChange: onSelect,
    allRecordsSelectionCheckboxProps: { size: 'xs', 'aria-label': t('Select all rows shown') },
    getRecordSelectionCheckboxProps: (row: T) => ({ 'aria-label': t('Select row {{id}}', { id: rowId(row) }) }),
  }
  const sorting = onSort && {
    sortStatus: {
      columnAccessor: sort?.replace(/^-/, '') ?? '',
      direction: sort?.startsWith('-') ? ('desc' as const) : ('asc' as const),
    },
    onSortStatusChange: ({ columnAccessor, direction }: { columnAccessor: PropertyKey; direction: 'asc' | 'desc' }) =>
      onSort(`${direction === 'desc' ? '-' : ''}${String(columnAccessor)}`),
  }
  const table = {
    'aria-label': label,
    'aria-busy': fetching || stale,
    style: stale ? { opacity: 0.55 } : undefined,
    withTableBorder: true,
    borderRadius: 'sm',
    verticalSpacing: 5,
    selectionCheckboxProps: { size: 'xs' },
    highlightOnHover: !!onRow,
    maxHeight: props.maxHeight ?? 'max(320px, calc(100dvh - 260px))',
    records: rows,
    idAccessor: rowId,
    columns: columns.map(({ fixed: _fixed, hidden: _hidden, ...column }) => column),
    scrollAreaProps: { viewportProps: { tabIndex: 0, 'aria-label': label, role: 'group' } },
    onScrollToBottom: onMore,
    onRowClick: onRow && (({ record }: { record: T }) => onRow(record)),
    customRowAttributes: onRow && ((row: T) => ({ tabIndex: 0, onKeyDown: openOnEnter(() => onRow(row)) })),
    ...selection,
    ...sorting,
  } as DataTableProps<T>
  return (
    <>
      {selected && selected.length > 0 && (
        <Paper px="sm" py={6} bg="var(--mantine-primary-color-light)">
          <Group gap="sm">
            <Text fw={600}>{t('{{count, number}} selected', { count: selected.length })}</Text>
            {props.bulk}
            <Button variant="subtle" ml="auto" size="compact-sm" onClick={() => onSelect?.([])}>
              {t('Clear selection')}
            </Button>
          </Group>
        </Paper>
      )}
      <DataTable<T> {...table} />
      <Shown {...props} />
    </>
  )
}

function Shown<T>({ rows, total, note, onMore, fetching, error }: Props<T> & { rows: T[] }) {
  const shown = formatNumber(rows.length)
  return (
    <Group gap="sm" c="dimmed" fz="sm">
      <span>
        {total == null ? t('{{shown}} shown', { shown }) : t('{{shown}} shown of {{total, number}}', { shown, total })}
      </span>
      {note && <span>{note}</span>}
      {!!error && <Text c="var(--mantine-color-error)">{t('The next rows could not be loaded.')}</Text>}
      {onMore && (
        <Button variant="subtle" size="compact-sm" onClick={onMore} loading={fetching}>
          {t('Load more')}
        </Button>
      )}
    </Group>
  )
}

const LINES = Array.from({ length: 8 }, (_, line) => line)

const Loading = ({ label }: { label: string }) => (
  <Paper p="sm" role="status" aria-label={t('Loading {{label}}', { label })}>
    <Stack gap="sm">
      {LINES.map((line) => (
        <Skeleton key={line} height={16} width={`${95 - (line % 4) * 9}%`} />
      ))}
    </Stack>
  </Paper>
)
