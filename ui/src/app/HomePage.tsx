import { Anchor, Button, Group, List, Progress, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import type { components } from '@/lib/schema.gen'
import { useCan, useSession } from '@/lib/session'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { Section } from '@/ui/Section'
import { Stat } from '@/ui/Stat'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime, RelativeTime } from '@/ui/Time'

type Home = components['schemas']['HomeOut']

const PLACES: Record<string, string> = { campaign: '/campaigns', segment: '/segments' }

/** What needs the person who looks: approvals, what is held or failed, what is being sent today. */
export function HomePage() {
  const { organisation } = useSession()
  const mayCreate = useCan('campaigns_manage')
  const { data, error, refetch } = useQuery({
    queryKey: ['home'],
    queryFn: ({ signal }) => api.get<Home>('/api/measurement/home', {}, { signal }),
    refetchInterval: 10_000,
  })
  const create = mayCreate && (
    <Button component={Link} to="/campaigns/new" variant="default">
      {t('Create campaign')}
    </Button>
  )
  return (
    <>
      <PageHeader title={t('Home')} sub={organisation.name} actions={create} />
      {error && !data ? <ErrorState error={error} onRetry={() => void refetch()} /> : data ? <Needs home={data} /> : <Skeleton h={280} />}
    </>
  )
}

function Needs({ home: { awaiting, trouble, today, sent_today } }: { home: Home }) {
  if (!awaiting.length && !trouble.length && !today.length)
    return (
      <EmptyState title={t('Nothing needs you right now')} icon={IconCircleCheck}>
        {t('Campaigns awaiting approval, failed or stale things, and today’s sends show here.')}
      </EmptyState>
    )
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Section title={t('Awaiting approval')}>
          {awaiting.length ? (
            <List listStyleType="none" spacing="sm" pl={0} ml={0}>
              {awaiting.map(({ id, name, created_by, requested_at }) => (
                <List.Item key={id}>
                  <Anchor component={Link} to={`/campaigns/${id}?step=check`}>
                    {name}
                  </Anchor>
                  <Text size="sm" c="dimmed">
                    {created_by} · {t('asked')} <RelativeTime value={requested_at} />
                  </Text>
                </List.Item>
              ))}
            </List>
          ) : (
            <Text c="dimmed">{t('No campaign waits for an approval.')}</Text>
          )}
        </Section>
        <Section title={t('Failed, held or stale')}>
          {trouble.length ? (
            <List listStyleType="none" spacing="sm" pl={0} ml={0}>
              {trouble.map(({ kind, id, name, message }) => (
                <List.Item key={kind + id}>
                  {PLACES[kind] ? (
                    <Anchor component={Link} to={`${PLACES[kind]}/${id}`}>
                      {name}
                    </Anchor>
                  ) : (
                    <Text fw={500}>{name}</Text>
                  )}
                  <Text size="sm" c="dimmed">
                    {message}
                  </Text>
                </List.Item>
              ))}
            </List>
          ) : (
            <Text c="dimmed">{t('Everything works.')}</Text>
          )}
        </Section>
      </SimpleGrid>
      <Section title={t('Today’s sends')}>
        {today.length ? (
          <Stack>
            <Stat label={t('Sent by these campaigns')} value={sent_today} />
            {today.map((one) => (
              <Today key={one.id} one={one} />
            ))}
          </Stack>
        ) : (
          <Text c="dimmed">{t('Nothing is sent today.')}</Text>
        )}
      </Section>
    </Stack>
  )
}

function Today({ one: { id, name, status, starts_at, planned, states } }: { one: Home['today'][number] }) {
  const sent = states.sent ?? 0
  const open = (states.planned ?? 0) + (states.claimed ?? 0) + (states.sending ?? 0)
  const share = planned ? ((planned - open) / planned) * 100 : 0
  return (
    <div>
      <Group gap="xs" justify="space-between">
        <Group gap="xs">
          <Anchor component={Link} to={`/campaigns/${id}`}>
            {name}
          </Anchor>
          <StatusBadge status={status} />
        </Group>
        <Text size="sm" c="dimmed" component="div">
          {status === 'scheduled' ? <DateTime value={starts_at} /> : t('{{sent}} sent of {{planned}} planned', { sent: formatNumber(sent), planned: formatNumber(planned) })}
        </Text>
      </Group>
      <Progress value={share} mt={6} aria-label={t('{{name}}: how much is done', { name })} />
    </div>
  )
}
