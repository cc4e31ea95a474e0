import { Button, Menu } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { ExportJob } from '@/ui/ExportJob'
import { type Search, toFilters } from './model'

/** Exports what the list shows, as a job whose file can then be downloaded. */
export function ExportCustomers({ search, count }: { search: Search; count: number | undefined }) {
  const [job, setJob] = useState<string | null>(null)
  const start = useMutation({
    mutationFn: (format: 'csv' | 'xlsx') =>
      api.post<{ job: string }>('/api/customers/exports', { format, filters: toFilters(search) }),
    onSuccess: ({ job }) => setJob(job),
  })
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" leftSection={<IconDownload size={16} />} loading={start.isPending}>
            {t('Export')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {count != null && <Menu.Label>{t('{{count, number}} customers', { count })}</Menu.Label>}
          <Menu.Item onClick={() => start.mutate('csv')}>{t('As CSV')}</Menu.Item>
          <Menu.Item onClick={() => start.mutate('xlsx')}>{t('As Excel')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ExportJob job={job} onClose={() => setJob(null)} />
    </>
  )
}
