import { Anchor, Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { formatDateTime } from '@/lib/dates'
import { t } from '@/lib/i18n'
import { usePages } from '@/lib/query'
import { useCan, useLevel } from '@/lib/session'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { EmptyState } from '@/ui/EmptyState'
import { Facts, Section } from '@/ui/Section'
import { Stat } from '@/ui/Stat'
import { DateTime, RelativeTime } from '@/ui/Time'
import { TestCustomer } from '../builder/TestCustomer'
import type { Person, Rule, Segment } from '../model'
import { useMemberNote } from '../queries'
import { SegmentWaterfall } from '../Waterfall'

const COLUMNS: Column<Person>[] = [
  {
    accessor: 'name',
    title: t('Customer'),
    fixed: true,
    render: ({ id, name }) => (
      <Anchor component={Link} to={`/customers/${id}`}>
        {name}
      </Anchor>
    ),
  },
  { accessor: 'source', title: t('Source'), render: ({ source }) => source || '–' },
  {
    accessor: 'last_activity_at',
    title: t('Last activity'),
    noWrap: true,
    render: ({ last_activity_at }) => <RelativeTime value={last_activity_at} />,
  },
  { accessor: 'added_by', title: t('Added by'), render: ({ added_by }) => added_by || '–' },
]

/** Numbers, the rule in words, and the people. */
export function Overview({ segment }: { segment: Segment }) {
  const { size, total, email, whatsapp, archived } = segment
  return (
    <Stack>
      <Section>
        <Group gap={40}>
          <Stat label={t('Total matched')} value={size} />
          <Stat
            label={t('Reach')}
            value={segment.percent == null ? '–' : `${segment.percent} %`}
            hint={t('Share of all {{total, number}} customers', { total: total ?? 0 })}
          />
          {!archived && (
            <>
              <Stat
                label={t('WhatsApp')}
                value={whatsapp?.count}
                of={size ?? undefined}
                hint={t('Members with a phone number or WhatsApp id and an existing chatroom')}
              />
              <Stat
                label={t('Email')}
                value={email?.count}
                of={size ?? undefined}
                hint={t('Members with a valid email address when this was calculated')}
              />
            </>
          )}
          <Stat label={t('Last updated')} value={<RelativeTime value={segment.last_updated} />} />
        </Group>
        {segment.version?.missed_at && (
          <Text size="sm" c="dimmed" mt="sm">
            {t('Nothing ran at {{at}}: that daily recalculation was made up for.', { at: formatDateTime(segment.version.missed_at) })}
          </Text>
        )}
      </Section>
      <Section title={t('Rule')}>
        <Text style={{ overflowWrap: 'anywhere' }}>
          {segment.problem ? <Text c="var(--mantine-color-error)">{segment.problem}</Text> : segment.sentence}
        </Text>
        {segment.description && (
          <Text c="dimmed" mt="xs" style={{ overflowWrap: 'anywhere' }}>
            {segment.description}
          </Text>
        )}
        <SimpleGrid cols={{ base: 1, sm: 2 }} mt="md" spacing="lg">
          {segment.kind === 'rule' && <TestCustomer rule={segment.rule as Rule} />}
          {segment.version && !archived && (
            <SegmentWaterfall id={segment.id} version={segment.version.number} size={size ?? 0} />
          )}
        </SimpleGrid>
      </Section>
      <Members segment={segment} />
      <Section title={t('About')}>
        <Facts
          items={[
            [t('Created by'), segment.created_by?.name],
            [t('Created at'), <DateTime key="created" value={segment.created_at} />],
            [t('Changed by'), segment.updated_by?.name],
            [t('Changed at'), <DateTime key="updated" value={segment.updated_at} />],
          ]}
        />
      </Section>
    </Stack>
  )
}

function Members({ segment }: { segment: Segment }) {
  const canSee = useCan('customers_view')
  if (!canSee) return <Text c="dimmed">{t('Your role does not include seeing customers.')}</Text>
  if (!segment.version) return null
  return <Table segment={segment} />
}

function Table({ segment }: { segment: Segment }) {
  const pages = usePages<Person>(`/api/segments/${segment.id}/members`, { version: segment.version?.number })
  const level = useLevel('customers_view')
  const seen = useMemberNote(segment.id, segment.version?.number, level === 'owned')
  return (
    <DataGrid
      id="segment-members"
      label={t('Members')}
      columns={COLUMNS}
      {...pages}
      maxHeight={480}
      note={seen.data}
      empty={
        <EmptyState title={segment.size ? t('None of the members are customers you own') : t('Nobody is in this segment')}>
          {segment.size
            ? t('The segment holds {{size, number}} customers.', { size: segment.size })
            : t('No customers match your filters. Recheck the filters you have applied and refresh.')}
        </EmptyState>
      }
    />
  )
}
