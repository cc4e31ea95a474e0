import { Alert, Paper, Stack, Text } from '@mantine/core'
import { usePrevious } from '@mantine/hooks'
import { useEffect, useEffectEvent } from 'react'
import { t } from '@/lib/i18n'
import { JobProgress } from '@/ui/JobProgress'
import type { State } from './model'
import { useRefresh } from './queries'

const LABELS: Record<string, string> = {
  'learning.train': 'Training',
  'learning.look': 'Looking into the file',
  'learning.compare': 'Comparing',
  'learning.evaluate': 'Evaluating',
  'segments.discover': 'Scoring customers',
  'segments.retrain': 'Re-training on schedule',
}
const SHOWN_MS = 24 * 3600_000

type Job = State['jobs'][number]
const isAtWork = ({ state }: Job) => state === 'queued' || state === 'running'
const isNews = ({ state, finished_at }: Job) => state === 'failed' && Date.now() - Date.parse(finished_at ?? '') < SHOWN_MS

/** What is at work now, with a way to stop it; and what failed within a day. */
export function Work({ state: { jobs, may_train } }: { state: State }) {
  const refresh = useRefresh()
  const atWork = jobs.filter(isAtWork)
  const ids = atWork.map(({ id }) => id).join(' ')
  const before = usePrevious(ids)
  const ended = useEffectEvent(refresh)
  useEffect(() => {
    if (before !== undefined && before !== ids) ended()
  }, [before, ids])
  const failed = jobs.filter(isNews)
  if (atWork.length + failed.length === 0) return null
  return (
    <Stack gap="sm">
      {atWork.map(({ id, kind, message }) => (
        <Paper key={id} p="md">
          {may_train ? (
            <JobProgress id={id} label={t(LABELS[kind] ?? kind)} />
          ) : (
            <Text role="status">
              {t(LABELS[kind] ?? kind)}: {message || t('waiting')}
            </Text>
          )}
        </Paper>
      ))}
      {failed.map(({ id, kind, message }) => (
        <Alert key={id} color="red" title={t('{{work}} did not work', { work: t(LABELS[kind] ?? kind) })}>
          {message}
        </Alert>
      ))}
    </Stack>
  )
}
