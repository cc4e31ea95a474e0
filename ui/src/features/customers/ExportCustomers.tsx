import { Anchor, Button, Menu, Modal, Stack, Text } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { JobProgress } from '@/ui/JobProgress'
import { type Search, toFilters } from './model'

type Manifest = { rows: number; columns: number; sha256: string }

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
      <Modal opened={job !== null} onClose={() => setJob(null)} title={t('Export customers')}>
        {job && (
          <JobProgress<Manifest> id={job} label={t('Export customers')}>
            {({ result, state }) =>
              state === 'done' && result && (
                <Stack gap="xs">
                  <Anchor href={`/api/customers/exports/${job}/file`} download>
                    {t('Download {{rows}} rows', { rows: formatNumber(result.rows) })}
                  </Anchor>
                  <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                    {t('{{columns}} columns · SHA-256 {{sha}}', { columns: result.columns, sha: result.sha256 })}
                  </Text>
                </Stack>
              )
            }
          </JobProgress>
        )}
      </Modal>
    </>
  )
}
