import { Box, Group, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { ApiProblem } from '@/lib/client'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { Facts, Section } from '@/ui/Section'
import { Stat } from '@/ui/Stat'
import { DateTime } from '@/ui/Time'
import { Dot, TraitLine } from './Cards'
import { DetailActions, DetailLinks } from './DetailActions'
import { FilterPanel } from './FilterPanel'
import { type Filters } from './filters'
import { type Detail, money } from './model'
import { Portraits } from './Portraits'
import { useDetail } from './queries'
import { ReachSection } from './ReachSection'
import { Refused } from './Refused'
import { RuleSection } from './RuleSection'

/** /segmentation/$id: everything about one discovered segment, under the filters in the URL. */
export function DetailPage() {
  const { id } = useParams({ from: '/segmentation/$id' })
  const filters = useSearch({ from: '/segmentation/$id' })
  const navigate = useNavigate({ from: '/segmentation/$id' })
  const { data, error, refetch, isPlaceholderData } = useDetail(id, filters)
  const narrow = (next: Filters) => void navigate({ search: next, resetScroll: false })
  const refused = error instanceof ApiProblem && error.status === 422
  if (error && !data && !refused) return <ErrorState page error={error} onRetry={() => void refetch()} />
  return (
    <>
      <PageHeader
        title={data?.name ?? t('Segment')}
        breadcrumbs={[{ label: t('Segmentation'), to: '/segmentation' }]}
        sub={data && <Freshness found={data} />}
        actions={data && <DetailActions found={data} filters={filters} />}
      />
      {refused && <Refused error={error} onClear={() => narrow({})} />}
      {data ? <Body found={data} filters={filters} stale={isPlaceholderData} narrow={narrow} /> : !refused && <Skeleton h={480} />}
    </>
  )
}

const Freshness = ({ found: { colour, model, trained_at, as_of } }: { found: Detail }) => (
  <Group gap={8}>
    <Dot colour={colour} />
    {model && (
      <span>
        {t('Model v{{version}} · trained', { version: model })} <DateTime value={trained_at} />
      </span>
    )}
    {as_of && (
      <span>
        {t('data as of')} <DateTime value={as_of} />
      </span>
    )}
  </Group>
)

type BodyProps = { found: Detail; filters: Filters; stale: boolean; narrow: (filters: Filters) => void }

function Body({ found, filters, stale, narrow }: BodyProps) {
  const { portrait, average, seen, size, message } = found
  const other = average.kpis.customers
  return (
    <Stack>
      <FilterPanel choices={found.choices} value={filters} onChange={narrow}>
        <Text component="p" m={0} fw={600} role="status" aria-live="polite">
          {t('{{matched}} of {{total}} customers', { matched: formatNumber(portrait.kpis.customers), total: formatNumber(seen) })}
        </Text>
      </FilterPanel>
      {seen < size && (
        <Text size="sm" c="dimmed">
          {t('You see {{seen, number}} of {{size, number}}: only customers you own.', { seen, size })}
        </Text>
      )}
      <Box aria-busy={stale} style={{ opacity: stale ? 0.5 : 1, transition: 'opacity 120ms' }}>
        {message ? (
          <EmptyState title={message} />
        ) : (
          <Stack>
            <Numbers found={found} />
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
              <Traits found={found} />
              <Strategy found={found} />
            </SimpleGrid>
            <Portraits
              shown={[
                { name: found.name, colour: found.colour, portrait },
                { name: t('All {{count, number}} customers', { count: other }), colour: 'neutral', portrait: average },
              ]}
            />
            <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
              <RuleSection found={found} />
              <ReachSection id={found.segment} filters={filters} />
            </SimpleGrid>
            <DetailLinks id={found.segment} />
          </Stack>
        )}
      </Box>
    </Stack>
  )
}

const against = (value: string) => t('All discovered segments: {{value}}', { value })
const days = (value: number | null) => (value === null ? '–' : t('{{count, number}} days ago', { count: value }))

/** The kpis, each with the average of all discovered segments as its hint. */
function Numbers({ found: { portrait, average, currency } }: { found: Detail }) {
  const { kpis } = portrait
  const all = average.kpis
  return (
    <Section>
      <Group gap={40}>
        <Stat label={t('Customers')} value={kpis.customers} of={all.customers} hint={t('With the share of all discovered segments')} />
        <Stat label={t('Sales')} value={money(kpis.sales, currency)} hint={against(money(all.sales, currency))} />
        <Stat label={t('Spend each')} value={money(kpis.each, currency)} hint={against(money(all.each, currency))} />
        {all.basket !== null && (
          <Stat label={t('Average basket')} value={money(kpis.basket, currency)} hint={against(money(all.basket, currency))} />
        )}
        {all.frequency !== null && (
          <Stat label={t('Orders each')} value={formatNumber(kpis.frequency)} hint={against(formatNumber(all.frequency))} />
        )}
        {all.recency !== null && <Stat label={t('Last purchase')} value={days(kpis.recency)} hint={against(days(all.recency))} />}
      </Group>
    </Section>
  )
}

const Traits = ({ found: { traits, currency } }: { found: Detail }) => (
  <Section title={t('What sets it apart')}>
    {traits.length === 0 ? (
      <Text>{t('Much as all customers')}</Text>
    ) : (
      <Stack gap={6} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
        {traits.map((trait) => (
          <TraitLine key={trait.feature} trait={trait} currency={currency} />
        ))}
      </Stack>
    )}
    <Text size="xs" c="dimmed" mt="sm">
      {t('The numbers are those of the customers shown; how far they are from the others, training found.')}
    </Text>
  </Section>
)

const Strategy = ({ found: { recommendation } }: { found: Detail }) => (
  <Section title={t('Recommended campaign')}>
    {recommendation ? (
      <Stack gap="sm">
        <Text fw={600}>{recommendation.type}</Text>
        <Facts
          items={[
            [t('Offer'), recommendation.offer],
            [t('Timing'), recommendation.timing],
            [t('Channel'), recommendation.channel],
            [t('Why'), recommendation.reason],
          ]}
        />
      </Stack>
    ) : (
      <Text>{t('None in the table of recommendations')}</Text>
    )}
  </Section>
)
