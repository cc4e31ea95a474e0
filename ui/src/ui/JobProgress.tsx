import { Button, Group, Progress, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useEffectEvent, type ReactNode } from 'react'
import { api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { formatNumber, formatPercent } from '@/lib/numbers'
import { ErrorState } from './ErrorState'
import { StatusBadge } from './StatusBadge'

export type Job<R = unknown> = {
  id: string
  kind: string
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  done: number
  total: number | null
  message: string
  result: R | null
}

const POLL_MS = 1000
const isOver = (job: Job | undefined) => !!job && job.state !== 'queued' && job.state !== 'running'

/** A job, asked for every second until it is over. */
export const useJob = <R,>(id: string | null) =>
  useQuery({
    queryKey: ['job', id],
    queryFn: ({ signal }) => api.get<Job<R>>(`/api/jobs/${id}`, {}, { signal }),
    enabled: id !== null,
    refetchInterval: ({ state }) => (isOver(state.data) ? false : POLL_MS),
  })

type Props<R> = {
  id: string
  label: string
  /** Called once, when the job is over however it ended. */
  onOver?: (job: Job<R>) => void
  /** What the result offers: a download, a receipt. */
  children?: (job: Job<R>) => ReactNode
}

/** How far a job is, its last word, a way to cancel it, and its result. */
export function JobProgress<R>({ id, label, onOver, children }: Props<R>) {
  const queries = useQueryClient()
  const { data: job, error, refetch } = useJob<R>(id)
  const cancel = useMutation({
    mutationFn: () => api.post(`/api/jobs/${id}/cancel`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['job', id] }),
  })
  const over = isOver(job)
  const announce = useEffectEvent(() => {
    if (job) onOver?.(job)
  })
  useEffect(() => {
    if (over) announce()
  }, [over])

  if (error && !job) return <ErrorState error={error} onRetry={() => void refetch()} />
  const share = job?.total ? (job.done / job.total) * 100 : 0
  const isMoving = job?.state === 'running' && !job.total
  return (
    <Stack gap={6} role="status" aria-label={label}>
      <Group gap="xs" justify="space-between">
        <Group gap="xs">
          <Text fw={500}>{label}</Text>
          {job && <StatusBadge status={job.state} />}
        </Group>
        {job && !over && (
          <Button variant="default" size="compact-sm" onClick={() => cancel.mutate()} loading={cancel.isPending}>
            {t('Cancel')}
          </Button>
        )}
      </Group>
      {!over && <Progress value={isMoving ? 100 : share} striped={isMoving} animated={isMoving} aria-label={label} />}
      <Text size="sm" c={job?.state === 'failed' ? 'var(--mantine-color-error)' : 'dimmed'}>
        {job?.total && !over
          ? `${formatNumber(job.done)} / ${formatNumber(job.total)} · ${formatPercent(job.done, job.total, 0)} · `
          : ''}
        {job?.message}
      </Text>
      {job && over && children?.(job)}
    </Stack>
  )
}
