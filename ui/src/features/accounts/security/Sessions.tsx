import { Badge, Button, Group, Stack, Text } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { t } from '@/lib/i18n'
import { ErrorState } from '@/ui/ErrorState'
import { Section } from '@/ui/Section'
import { RelativeTime } from '@/ui/Time'
import { mine } from '../auth'
import { deviceOf } from '../model'

/** Where one is signed in. */
export function Sessions() {
  const queries = useQueryClient()
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: mine.sessions })
  const end = useMutation({
    mutationFn: mine.endSessions,
    onSettled: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  })
  const others = sessions.data?.filter((one) => !one.is_current) ?? []
  return (
    <Section
      title={t('Sessions')}
      actions={
        others.length > 0 && (
          <Button variant="default" onClick={() => end.mutate(others.map(({ id }) => id))} loading={end.isPending}>
            {t('End all others')}
          </Button>
        )
      }
    >
      {sessions.isError && <ErrorState error={sessions.error} onRetry={() => void sessions.refetch()} />}
      <Stack gap="xs">
        {sessions.data?.map((one) => (
          <Group key={one.id} justify="space-between" gap="xs">
            <div>
              <Group gap={6}>
                <Text fw={500} title={one.user_agent}>
                  {deviceOf(one.user_agent)}
                </Text>
                {one.is_current && <Badge variant="light">{t('This one')}</Badge>}
              </Group>
              <Text size="xs" c="dimmed">
                {one.ip} · {t('seen')} <RelativeTime value={(one.last_seen_at ?? one.created_at) * 1000} />
              </Text>
            </div>
            {!one.is_current && (
              <Button size="compact-sm" variant="subtle" onClick={() => end.mutate([one.id])}>
                {t('End')}
              </Button>
            )}
          </Group>
        ))}
      </Stack>
    </Section>
  )
}
