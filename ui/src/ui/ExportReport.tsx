import { Alert, Button, Group, Menu, Modal, Stack, Text } from '@mantine/core'
import { IconChevronDown, IconFileSpreadsheet, IconFileTypePdf } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, ApiProblem, sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { useCan } from '@/lib/session'
import { DisabledTip } from './DisabledTip'
import { JobProgress } from './JobProgress'

type Format = 'pdf' | 'xlsx'
type Existing = 'ask' | 'overwrite' | 'new'
type Report = { id: string; job_id: string; number: number; format: Format }
type Props = {
  kind: 'segment' | 'campaign'
  id: string
  /** Why no report can be made now: the segment is being recalculated. */
  reason?: string | null | false
}

export const REPORTS = '/api/reports'
export const EXPORT_FAILED = t('Export failed. Please try again later or contact support.')

const FORMATS = [
  { format: 'pdf', label: t('PDF'), icon: IconFileTypePdf },
  { format: 'xlsx', label: t('Excel'), icon: IconFileSpreadsheet },
] as const

/** Makes a report of a segment or a campaign: asks when there is one, shows how far it is, offers the file. */
export function ExportReport({ kind, id, reason }: Props) {
  const mayCreate = useCan('reports_create')
  const [format, setFormat] = useState<Format | null>(null)
  const blocked = !mayCreate ? t('Your role does not allow making reports') : reason
  const button = (
    <Button variant="default" rightSection={<IconChevronDown size={14} stroke={1.6} />}>
      {t('Export report')}
    </Button>
  )
  if (blocked) return <DisabledTip reason={blocked}>{button}</DisabledTip>
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>{button}</Menu.Target>
        <Menu.Dropdown>
          {FORMATS.map(({ format: one, label, icon: Icon }) => (
            <Menu.Item key={one} leftSection={<Icon size={16} stroke={1.6} aria-hidden />} onClick={() => setFormat(one)}>
              {label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {format && <Making key={format} kind={kind} id={id} format={format} onClose={() => setFormat(null)} />}
    </>
  )
}

function Making({ kind, id, format, onClose }: { kind: string; id: string; format: Format; onClose: () => void }) {
  const queries = useQueryClient()
  const create = useMutation({
    mutationFn: (existing: Existing) => api.post<Report>(REPORTS, { subject_kind: kind, subject_id: id, format, existing }),
    meta: { quiet: true },
    onSuccess: () => queries.invalidateQueries({ queryKey: [REPORTS] }),
  })
  const retry = useMutation({ mutationFn: (report: string) => api.post<Report>(`${REPORTS}/${report}/retry`) })
  const report = retry.data ?? create.data
  const exists = create.error instanceof ApiProblem && create.error.status === 409 && isExisting(create.error.body)
  const [asked, setAsked] = useState(false)
  if (!asked) {
    setAsked(true)
    queueMicrotask(() => create.mutate('ask'))
  }
  return (
    <Modal opened onClose={onClose} title={t('Export report')} closeButtonProps={{ 'aria-label': t('Close') }}>
      <Stack gap="sm">
        {exists && (
          <>
            <Text>{sentence(create.error)}</Text>
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={onClose}>
                {t('Cancel')}
              </Button>
              <Button variant="default" onClick={() => create.mutate('overwrite')}>
                {t('Overwrite')}
              </Button>
              <Button onClick={() => create.mutate('new')}>{t('New version')}</Button>
            </Group>
          </>
        )}
        {create.error && !exists && (
          <Alert color="red" variant="light">
            <Text size="sm">{create.error instanceof ApiProblem && create.error.status < 500 ? sentence(create.error) : EXPORT_FAILED}</Text>
            <Button variant="default" size="xs" mt="xs" onClick={() => create.mutate('ask')}>
              {t('Retry')}
            </Button>
          </Alert>
        )}
        {report && (
          <JobProgress id={report.job_id} label={t('Report, version {{number}}', { number: report.number })} onOver={() => void queries.invalidateQueries({ queryKey: [REPORTS] })}>
            {(job) =>
              job.state === 'done' ? (
                <Stack gap="xs">
                  <Text size="sm">{t('It is kept under Reports.')}</Text>
                  <Group>
                    <Button component="a" href={`${REPORTS}/${report.id}/file`} download>
                      {t('Download')}
                    </Button>
                  </Group>
                </Stack>
              ) : (
                <Group>
                  <Button variant="default" onClick={() => retry.mutate(report.id)} loading={retry.isPending}>
                    {t('Retry')}
                  </Button>
                </Group>
              )
            }
          </JobProgress>
        )}
      </Stack>
    </Modal>
  )
}

const isExisting = (body: unknown) => !!body && typeof body === 'object' && 'report' in body
