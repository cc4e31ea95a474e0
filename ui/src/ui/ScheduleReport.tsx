import { Alert, Button, Group, Modal, NumberInput, Radio, SegmentedControl, Select, Stack, Text, TextInput } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, sentence } from '@/lib/client'
import { formatDateTime } from '@/lib/dates'
import { t } from '@/lib/i18n'
import { useSession } from '@/lib/session'
import type { ReportFilters } from './ExportReport'

export const SCHEDULES = '/api/reports/schedules'
type Every = 'day' | 'week' | 'month'
type Schedule = { name: string; words: string; when: string; next_at: string }
type Props = { segment: string; filters?: ReportFilters; onClose: () => void }

const EVERY = [
  { value: 'day', label: t('Day') },
  { value: 'week', label: t('Week') },
  { value: 'month', label: t('Month') },
] as const
const DAYS = [t('Monday'), t('Tuesday'), t('Wednesday'), t('Thursday'), t('Friday'), t('Saturday'), t('Sunday')].map((label, n) => ({
  value: String(n + 1),
  label,
}))

/** Sets up a report of a segment that is made by itself. */
export function ScheduleReport({ segment, filters, onClose }: Props) {
  const queries = useQueryClient()
  const { organisation } = useSession()
  const [format, setFormat] = useState('pdf')
  const [every, setEvery] = useState<Every>('week')
  const [day, setDay] = useState(1)
  const [at, setAt] = useState('08:00')
  const [existing, setExisting] = useState('new')
  const body = { segment_id: segment, format, filters, existing, every, day: every === 'day' ? null : day, at }
  const create = useMutation({
    mutationFn: () => api.post<Schedule>(SCHEDULES, body),
    meta: { quiet: true },
    onSuccess: () => queries.invalidateQueries({ queryKey: [SCHEDULES] }),
  })
  const change = (value: string) => {
    setEvery(value as Every)
    setDay(1)
  }
  return (
    <Modal opened onClose={onClose} title={t('Schedule report')} closeButtonProps={{ 'aria-label': t('Close') }}>
      {create.data ? (
        <Stack gap="sm">
          <Alert color="teal" variant="light" icon={<IconCheck size={18} />} title={t('The report is scheduled')}>
            <Text size="sm">
              {create.data.when}. {t('The next one is made on {{at}}.', { at: formatDateTime(create.data.next_at) })}
            </Text>
          </Alert>
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('Close')}</Button>
          </Group>
        </Stack>
      ) : (
        <Stack
          gap="sm"
          component="form"
          onSubmit={(event) => {
            event.preventDefault()
            create.mutate()
          }}
        >
          <SegmentedControl
            aria-label={t('Format')}
            value={format}
            onChange={setFormat}
            data={[
              { value: 'pdf', label: t('PDF') },
              { value: 'xlsx', label: t('Excel') },
            ]}
          />
          <Group grow align="flex-start">
            <Select label={t('Every')} data={EVERY} value={every} onChange={(value) => value && change(value)} allowDeselect={false} />
            {every === 'week' && <Select label={t('On')} data={DAYS} value={String(day)} onChange={(value) => value && setDay(Number(value))} allowDeselect={false} />}
            {every === 'month' && (
              <NumberInput label={t('On day')} min={1} max={31} allowDecimal={false} value={day} onChange={(value) => setDay(Number(value))} description={day > 28 ? t('In a shorter month its last day') : undefined} />
            )}
            <TextInput type="time" label={t('At')} value={at} onChange={(event) => setAt(event.currentTarget.value)} required withAsterisk={false} />
          </Group>
          <Text size="sm" c="dimmed">
            {t('By the clock of {{zone}}. It shows what you may see when it is made.', { zone: organisation.time_zone })}
          </Text>
          <Radio.Group label={t('The report of the time before')} value={existing} onChange={setExisting}>
            <Group mt={6}>
              <Radio value="new" label={t('Keep it: make a new version')} />
              <Radio value="overwrite" label={t('Overwrite it')} />
            </Group>
          </Radio.Group>
          {create.error && (
            <Alert color="red" variant="light">
              {sentence(create.error)}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('Cancel')}
            </Button>
            <Button type="submit" loading={create.isPending}>
              {t('Schedule')}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  )
}
