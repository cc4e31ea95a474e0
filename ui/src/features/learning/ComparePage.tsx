import { Box, Group, Select, SimpleGrid, Skeleton, Stack, Table, Text } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ApiProblem } from '@/lib/client'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { Section } from '@/ui/Section'
import { Dot, TraitLine } from './Cards'
import { FilterPanel } from './FilterPanel'
import { type Filters, filtersOf } from './filters'
import { type Comparison, type Detail, kpiLines } from './model'
import { Portraits } from './Portraits'
import { useComparison, useDashboard } from './queries'
import { Refused } from './Refused'

/** /segmentation/compare: two discovered segments side by side. */
export function ComparePage() {
  const { a, b, ...rest } = useSearch({ from: '/segmentation/compare' })
  const filters = filtersOf(rest)
  const navigate = useNavigate({ from: '/segmentation/compare' })
  const board = useDashboard({}).data
  const { data, error, refetch, isPlaceholderData } = useComparison(a, b, filters)
  const go = (next: { a?: string; b?: string } & Filters) => void navigate({ search: next, resetScroll: false })
  const options = board?.cards.map(({ segment, name }) => ({ value: segment, label: name })) ?? []
  const choose = (label: string, value: string | undefined, other: string | undefined, set: (id: string | undefined) => void) => (
    <Select
      label={label}
      data={options.map((option) => ({ ...option, disabled: option.value === other }))}
      value={value ?? null}
      placeholder={t('Choose a segment')}
      onChange={(id) => set(id ?? undefined)}
      w={{ base: '100%', xs: 300 }}
      searchable
    />
  )
  const refused = error instanceof ApiProblem && error.status === 422
  return (
    <>
      <PageHeader title={t('Compare two segments')} breadcrumbs={[{ label: t('Segmentation'), to: '/segmentation' }]} />
      <Stack>
        <Group align="flex-end">
          {choose(t('First segment'), a, b, (id) => go({ ...filters, a: id, b }))}
          {choose(t('Second segment'), b, a, (id) => go({ ...filters, a, b: id }))}
        </Group>
        {board && <FilterPanel choices={board.choices} value={filters} onChange={(next) => go({ ...next, a, b })} />}
        {refused && <Refused error={error} onClear={() => go({ a, b })} />}
        {error && !refused && <ErrorState error={error} onRetry={() => void refetch()} />}
        {(!a || !b) && <EmptyState title={t('Choose two segments')} />}
        {a && b && !data && !error && <Skeleton h={480} />}
        {a && b && data && (
          <Box aria-busy={isPlaceholderData} style={{ opacity: isPlaceholderData ? 0.5 : 1, transition: 'opacity 120ms' }}>
            <Sides found={data} />
          </Box>
        )}
      </Stack>
    </>
  )
}

function Sides({ found: { a, b } }: { found: Comparison }) {
  return (
    <Stack>
      <Numbers sides={[a, b]} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        {[a, b].map((side) => (
          <Section key={side.segment} title={side.name}>
            <Stack gap={6} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
              {side.traits.map((trait) => (
                <TraitLine key={trait.feature} trait={trait} currency={side.currency} />
              ))}
            </Stack>
            <Text size="sm" mt="sm">
              {t('Suggested campaign')}: {side.recommendation?.type ?? t('None in the table of recommendations')}
            </Text>
          </Section>
        ))}
      </SimpleGrid>
      {a.message && b.message ? (
        <EmptyState title={a.message} />
      ) : (
        <Portraits
          shown={[
            { name: a.name, colour: a.colour, portrait: a.portrait },
            { name: b.name, colour: b.colour, portrait: b.portrait },
          ]}
        />
      )}
    </Stack>
  )
}

/** Size and kpis of both; nobody is in both, because a model puts each customer into one segment. */
function Numbers({ sides }: { sides: readonly Detail[] }) {
  const lines = sides.map(({ portrait, currency }) => new Map(kpiLines(portrait, currency)))
  const labels = [...new Set(lines.flatMap((line) => [...line.keys()]))]
  return (
    <Section>
      <Table.ScrollContainer minWidth={420}>
        <Table aria-label={t('Numbers of both segments')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th />
              {sides.map(({ segment, name, colour }) => (
                <Table.Th key={segment} ta="right">
                  <Group gap={6} justify="flex-end" wrap="nowrap">
                    <Dot colour={colour} /> {name}
                  </Group>
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            <Table.Tr>
              <Table.Th scope="row">{t('Customers')}</Table.Th>
              {sides.map(({ segment, portrait }) => (
                <Table.Td key={segment} ta="right">
                  {formatNumber(portrait.kpis.customers)}
                </Table.Td>
              ))}
            </Table.Tr>
            {labels.map((label) => (
              <Table.Tr key={label}>
                <Table.Th scope="row">{label}</Table.Th>
                {lines.map((line, n) => (
                  <Table.Td key={sides[n]!.segment} ta="right">
                    {line.get(label) ?? '–'}
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="sm" c="dimmed" mt="xs">
        {t('Nobody is in both: the model puts each customer into one segment.')}
      </Text>
    </Section>
  )
}
