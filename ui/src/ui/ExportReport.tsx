import { Alert, Anchor, Button, Group, Menu, Modal, Stack, Text } from '@mantine/core'
import { IconCalendarRepeat, IconCheck, IconChevronDown, IconFileSpreadsheet, IconFileTypePdf } from '@tabler/icons-react'
import { useMutation, type UseMutationResult, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { api, ApiProblem, sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { useCan } from '@/lib/session'
import { DisabledTip } from './DisabledTip'
import { JobProgress } from './JobProgress'

const ScheduleReport = lazy(() => import('./ScheduleReport').then((file) => ({ default: file.ScheduleReport })))

type Format = 'pdf' | 'xlsx'
type Existing = 'ask' | 'overwrite' | 'new'
type Report = { id: string; job_id: string; name: string; words: string; number: number; format: Format }
/** What a discovered segment is narrowed to, as the API takes it. */
export type ReportFilters = Record<string, unknown>
type Props = {
  kind: 'segment' | 'campaign'
  id: string
  /** Of a discovered segment: the report is of the customers who match. */
  filters?: ReportFilters
  /** Why no report can be made now: the segment is being recalculated. */
  reason?: string | null | false
}

export const REPORTS = '/api/reports'
export const EXPORT_FAILED = t('Export failed. Please try again later or contact support.')

const FORMATS = [
  { format: 'pdf', label: t('PDF'), icon: IconFileTypePdf },
  { format: 'xlsx', label: t('Excel'), icon: IconFileSpreadsheet },
] as const

/** Makes a report of a segment or a campaign, now or by schedule: asks when there is one, shows how far it is, offers the file. */
export function ExportReport({ kind, id, filters, reason }: Props) {
  const mayCreate = useCan('reports_create')
  const [format, setFormat] = useState<Format | null>(null)
  const queries = useQueryClient()
  const create = useMutation({
    mutationFn: (asked: { format: Format; existing: Existing }) =>
      api.post<Report>(REPORTS, { subject_kind: kind, subject_id: id, filters, ...asked }),
    meta: { quiet: true },
    onSuccess: () => queries.invalidateQueries({ queryKey: [REPORTS] }),
  })
  const begin = (chosen: Format) => {
    setFormat(chosen)
    create.mutate({ format: chosen, existing: 'ask' })
  }
  const end = () => {
    setFormat(null)
    create.reset()
  }
  const [isScheduling, setIsScheduling] = useState(false)
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
            <Menu.Item key={one} leftSection={<Icon size={16} stroke={1.6} aria-hidden />} onClick={() => begin(one)}>
              {label}
            </Menu.Item>
          ))}
          {kind === 'segment' && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<IconCalendarRepeat size={16} stroke={1.6} aria-hidden />} onClick={() => setIsScheduling(true)}>
                {t('Schedule…')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {format && <Making create={create} answer={(existing) => create.mutate({ format, existing })} onClose={end} />}
      {isScheduling && (
        <Suspense>
          <ScheduleReport segment={id} filters={filters} onClose={() => setIsScheduling(false)} />
        </Suspense>
      )}
    </>
  )
}

type Create = Pick<UseMutationResult<Report, Error, unknown>, 'data' | 'error'>
type MakingProps = { create: Create; answer: (existing: Existing) => void; onClose: () => void }

/** How far the report is: the question when there is one already, its progress, its file. */
function Making({ create, answer, onClose }: MakingProps) {
  const queries = useQueryClient()
  const retry = useMutation({ mutationFn: (report: string) => api.post<Report>(`${REPORTS}/${report}/retry`) })
  const report = retry.data ?? create.data
  const exists = create.error instanceof ApiProblem && create.error.status === 409 && isExisting(create.error.body)
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
              <Button variant="default" onClick={() => answer('overwrite')}>
                {t('Overwrite')}
              </Button>
              <Button onClick={() => answer('new')}>{t('New version')}</Button>
            </Group>
          </>
        )}
        {create.error && !exists && (
          <Alert color="red" variant="light">
            <Text size="sm">{create.error instanceof ApiProblem && create.error.status < 500 ? sentence(create.error) : EXPORT_FAILED}</Text>
            <Button variant="default" size="xs" mt="xs" onClick={() => answer('ask')}>
              {t('Retry')}
            </Button>
          </Alert>
        )}
        {report && (
          <JobProgress id={report.job_id} label={t('Report, version {{number}}', { number: report.number })} onOver={() => void queries.invalidateQueries({ queryKey: [REPORTS] })}>
            {(job) =>
              job.state === 'done' ? (
                <Alert color="teal" variant="light" icon={<IconCheck size={18} />} title={t('The report is ready')}>
                  <Stack gap="xs">
                    <Text size="sm">
                      {report.words ? t('{{name}}, {{words}}.', report) : `${report.name}.`} {t('It is saved under')}{' '}
                      <Anchor component={Link} to="/reports" size="sm" underline="always" c="light-dark(var(--mantine-color-teal-9), var(--mantine-color-teal-3))">
                        {t('History')}
                      </Anchor>
                      .
                    </Text>
                    <Group>
                      <Button component="a" href={`${REPORTS}/${report.id}/file`} download>
                        {t('Download')}
                      </Button>
                    </Group>
                  </Stack>
                </Alert>
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
