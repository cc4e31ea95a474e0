import { Alert, Anchor, Button, Group, List, Progress, SimpleGrid, Skeleton, Stack, Table, Text } from '@mantine/core'
import { IconCircleCheck, IconMapPin } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { formatMoney, formatNumber } from '@/lib/numbers'
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

/** Who there is, what was sent and what came of it; what needs the person who looks. */
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
      {error && !data ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <Stack>
          {data.setup.length > 0 && <Setup />}
          <Figures home={data} />
          {data.recent.length > 0 && <Recent recent={data.recent} />}
          <Needs home={data} />
        </Stack>
      ) : (
        <Skeleton h={280} />
      )}
    </>
  )
}

const Setup = () => (
  <Alert color="yellow" title={t('Your postal address is missing')} icon={<IconMapPin size={18} />}>
    {t('The law asks that every marketing email names it, so no campaign can be launched before.')}{' '}
    <Anchor component={Link} to="/settings/organisation" underline="always" c="inherit" fw={600}>
      {t('Give it in Settings › Organisation')}
    </Anchor>
  </Alert>
)

function Figures({ home: { customers, segments, sent_today } }: { home: Home }) {
  return (
    <Section>
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        {customers && <Stat label={customers.owned_only ? t('Customers you own') : t('Customers')} value={customers.visible} />}
        {customers?.reachable != null && (
          <Stat label={t('Have an email address')} value={customers.reachable} of={customers.visible} />
        )}
        {segments != null && <Stat label={t('Segments')} value={segments} />}
        <Stat label={t('Sent today')} value={sent_today} />
      </SimpleGrid>
    </Section>
  )
}

const COLUMNS = ['Campaign', 'Launched', 'Sent', 'Opened', 'Clicked', 'Orders', 'Revenue']

function Recent({ recent }: { recent: Home['recent'] }) {
  return (
    <Section title={t('What was sent, and what came of it')}>
      <Table.ScrollContainer minWidth={620}>
        <Table verticalSpacing="xs" aria-label={t('Campaigns launched last')}>
          <Table.Thead>
            <Table.Tr>
              {COLUMNS.map((head, place) => (
                <Table.Th key={head} ta={place > 1 ? 'right' : undefined}>
                  {t(head)}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {recent.map((one) => (
              <Table.Tr key={one.id}>
                <Table.Td>
                  <Group gap={4} miw={170}>
                    <Anchor component={Link} to={`/campaigns/${one.id}`}>
                      {one.name}
                    </Anchor>
                    <StatusBadge status={one.status} />
                  </Group>
                </Table.Td>
                <Table.Td>
                  <DateTime value={one.launched_at} />
                </Table.Td>
                {(['sent', 'opened', 'clicked', 'orders'] as const).map((name) => (
                  <Table.Td key={name} ta="right">
                    {formatNumber(one[name])}
                  </Table.Td>
                ))}
                <Table.Td ta="right">{formatMoney(one.revenue == null ? null : Number(one.revenue), one.currency)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  )
}

function Needs({ home: { awaiting, trouble, today } }: { home: Home }) {
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
