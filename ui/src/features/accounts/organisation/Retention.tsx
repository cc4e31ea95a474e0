import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import type { components } from '@/lib/schema.gen'
import { RelativeTime } from '@/ui/Time'

type Runs = components['schemas']['RetentionOut']
const PATH = '/api/customers/retention'

/** What the last nightly run deleted, what the next would, and a way to run it now. */
export function Retention() {
  const queries = useQueryClient()
  const { data } = useQuery({
    queryKey: ['customers', 'retention'],
    queryFn: () => api.get<Runs>(PATH),
    refetchInterval: ({ state }) => (state.data?.runs[0] && !state.data.runs[0].finished_at ? 2000 : 60_000),
  })
  const preview = useQuery({ queryKey: ['customers', 'retention', 'preview'], queryFn: () => api.get<Record<string, number>>(`${PATH}/preview`), enabled: false })
  const run = useMutation({
    mutationFn: () => api.post(`${PATH}/run`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['customers', 'retention'] }),
  })
  const last = data?.runs[0]
  const words = (counts: Record<string, number>) =>
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([key, count]) => `${t(data?.names[key] ?? key)}: ${formatNumber(count)}`)
      .join(' · ') || t('nothing')
  return (
    <Stack gap="xs">
      <Text size="sm">
        {!last ? (
          t('Nothing has run yet: it does every night at 03:00.')
        ) : (
          <>
            {last.finished_at ? t('Last run') : t('A run began')} <RelativeTime value={last.finished_at ?? last.created_at} />{' '}
            {t('by {{who}}', { who: last.by })}: {words(last.removed)}
          </>
        )}
      </Text>
      {last && Object.keys(last.spared).length > 0 && (
        <Text size="sm">
          {t('Kept because they name a customer under a legal hold')}: {words(last.spared)}
        </Text>
      )}
      {last?.problem && <Alert color="yellow">{last.problem}</Alert>}
      {preview.data && (
        <Text size="sm" role="status">
          {t('A run would delete now')}: {words(preview.data)}
        </Text>
      )}
      <Group gap="xs">
        <Button variant="default" size="xs" loading={preview.isFetching} onClick={() => void preview.refetch()}>
          {t('What would go now?')}
        </Button>
        <Button variant="default" size="xs" loading={run.isPending} disabled={!!last && !last.finished_at} onClick={() => run.mutate()}>
          {t('Run now')}
        </Button>
      </Group>
    </Stack>
  )
}
