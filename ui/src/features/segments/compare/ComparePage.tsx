import { Alert, Group, Loader, MultiSelect, Stack, Table } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { EmptyState } from '@/ui/EmptyState'
import { PageHeader } from '@/ui/PageHeader'
import { Section } from '@/ui/Section'
import { Stat } from '@/ui/Stat'
import { useMenu } from '../queries'
import { type Comparison, MOST, type Region, regionWords } from './model'
import { useComparison } from './queries'
import { RegionMenu } from './RegionMenu'
import { Regions } from './Regions'

/** /segments/compare: how two to four segments overlap. */
export function ComparePage() {
  const { ids } = useSearch({ from: '/segments/compare' })
  const navigate = useNavigate({ from: '/segments/compare' })
  const choices = useMenu().data?.segments.choices ?? []
  const chosen = (ids ?? '').split(',').filter(Boolean)
  const { data, error } = useComparison(chosen)
  return (
    <>
      <PageHeader title={t('Compare segments')} breadcrumbs={[{ label: t('Segments'), to: '/segments' }]} />
      <Stack>
        <MultiSelect
          label={t('Segments')}
          description={t('Two to four')}
          placeholder={chosen.length < MOST ? t('Choose a segment') : undefined}
          data={choices.map(({ key, label }) => ({ value: key, label }))}
          value={chosen}
          maxValues={MOST}
          searchable
          clearable
          maw={720}
          onChange={(next) => void navigate({ search: { ids: next.join(',') || undefined }, replace: true })}
        />
        {chosen.length < 2 && <EmptyState title={t('Choose at least two segments')} />}
        {error && <Alert color="red">{sentence(error)}</Alert>}
        {chosen.length > 1 && !data && !error && <Loader aria-label={t('Counting')} />}
        {data && <Overlap found={data} />}
      </Stack>
    </>
  )
}

function Overlap({ found }: { found: Comparison }) {
  const names = new Map(found.segments.map(({ id, name }) => [id, name]))
  return (
    <>
      {found.note && <Alert>{found.note}</Alert>}
      <Section>
        <Group gap={40}>
          {found.segments.map(({ id, name, size }) => (
            <Stat key={id} label={name} value={size} />
          ))}
          <Stat label={t('In all of them')} value={found.everywhere.count} of={found.anywhere.count} />
        </Group>
      </Section>
      <Regions found={found} names={names} />
      <Section title={t('Two by two')}>
        <Table.ScrollContainer minWidth={420}>
          <Table aria-label={t('Two by two')}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('Customers')}</Table.Th>
                <Table.Th ta="right">{t('Number')}</Table.Th>
                <Table.Th w={48} aria-label={t('Actions')} />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {found.pairs.flatMap(({ both, first, second }) =>
                [both, first, second].map((region) => (
                  <Pair key={`${region.inside.join()}-${region.outside.join()}`} region={region} names={names} />
                )),
              )}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Section>
    </>
  )
}

function Pair({ region, names }: { region: Region; names: Map<string, string> }) {
  const words = regionWords(region, names)
  return (
    <Table.Tr>
      <Table.Td style={{ overflowWrap: 'anywhere' }}>{words}</Table.Td>
      <Table.Td ta="right">{formatNumber(region.count)}</Table.Td>
      <Table.Td>
        <RegionMenu region={region} words={words} />
      </Table.Td>
    </Table.Tr>
  )
}
