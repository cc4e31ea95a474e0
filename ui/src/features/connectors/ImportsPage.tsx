import { Stack } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { EmptyState } from '@/ui/EmptyState'
import { PageHeader } from '@/ui/PageHeader'
import { Section } from '@/ui/Section'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime } from '@/ui/Time'
import { type Import, sizeWords } from './model'
import { useImports } from './queries'
import { UploadForm } from './UploadForm'

const count = (accessor: 'created' | 'updated' | 'unchanged' | 'rejected', title: string): Column<Import> => ({
  accessor,
  title,
  textAlign: 'right',
  render: (row) => (row.state === 'draft' ? '–' : formatNumber(row[accessor])),
})

const columns: Column<Import>[] = [
  {
    accessor: 'file_name',
    title: t('File'),
    fixed: true,
    render: ({ id, file_name }) => (
      <Link to="/customers/imports/$id" params={{ id }} onClick={(event) => event.stopPropagation()}>
        {file_name}
      </Link>
    ),
  },
  { accessor: 'target', title: t('Brings in'), render: ({ target }) => t(target) },
  { accessor: 'state', title: t('Status'), render: ({ state }) => <StatusBadge status={state} /> },
  count('created', t('Created')),
  count('updated', t('Updated')),
  count('unchanged', t('Unchanged')),
  count('rejected', t('Rejected')),
  { accessor: 'size', title: t('Size'), textAlign: 'right', hidden: true, render: ({ size }) => sizeWords(size) },
  { accessor: 'created_by', title: t('By'), render: ({ created_by }) => created_by || '–' },
  { accessor: 'created_at', title: t('When'), noWrap: true, render: ({ created_at }) => <DateTime value={created_at} /> },
]

/** Bringing files in, and every file that came in before. */
export function ImportsPage() {
  const navigate = useNavigate()
  const pages = useImports()
  const open = (id: string) => void navigate({ to: '/customers/imports/$id', params: { id } })
  return (
    <>
      <PageHeader title={t('Imports')} breadcrumbs={[{ label: t('Customers'), to: '/customers' }]} />
      <Stack>
        <Section title={t('Bring a file in')}>
          <UploadForm onUploaded={({ id }) => open(id)} />
        </Section>
        <DataGrid
          id="imports"
          label={t('Imports')}
          columns={columns}
          {...pages}
          onRow={({ id }) => open(id)}
          empty={
            <EmptyState title={t('Nothing was imported yet')}>
              {t('Choose a file above. You see what would happen before anything is changed.')}
            </EmptyState>
          }
        />
      </Stack>
    </>
  )
}
