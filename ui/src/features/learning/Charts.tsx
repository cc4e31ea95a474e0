import { SegmentedControl, SimpleGrid, Stack } from '@mantine/core'
import { useMemo, useState } from 'react'
import { t } from '@/lib/i18n'
import { formatNumber, formatShort } from '@/lib/numbers'
import { Chart } from '@/ui/Chart'
import { Section } from '@/ui/Section'
import { bySegment, type Card, type Dashboard, type Measure, outletName, ranked, shownBands, withoutDays } from './model'

const ROW = 24 // pixels of one ranked bar
const LISTED = 30 // outlets that are drawn; the table has all

/** Shares, spend, outlets, recency and age; a segment has one colour on all of them. */
export function Charts({ found }: { found: Dashboard }) {
  const { cards, portrait } = found
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Stack miw={0}>
        <Share cards={cards} />
        {portrait.outlets && <Outlets found={found} />}
      </Stack>
      <Stack miw={0}>
        <Spend cards={cards} names={portrait.categories.map(({ name }) => name)} />
        {portrait.recency && <Bands found={found} part="recency" label={t('Days since the last purchase')} what={t('Days')} />}
        {portrait.ages && <Bands found={found} part="ages" label={t('Age')} what={t('Age')} />}
      </Stack>
    </SimpleGrid>
  )
}

function Share({ cards }: { cards: readonly Card[] }) {
  const shown = useMemo(
    () => ({
      categories: cards.map(({ name }) => name),
      colours: cards.map(({ colour }) => colour),
      series: [{ name: t('Customers'), values: cards.map(({ portrait }) => portrait.kpis.customers) }],
    }),
    [cards],
  )
  return (
    <Section>
      <Chart label={t('Share of customers')} kind="donut" categoryLabel={t('Segment')} {...shown} />
    </Section>
  )
}

function Spend({ cards, names }: { cards: readonly Card[]; names: string[] }) {
  const series = useMemo(() => bySegment(cards, ({ categories }) => categories.map(({ spend }) => spend)), [cards])
  return (
    <Section>
      <Chart label={t('Spend by category')} kind="stacked" categoryLabel={t('Category')} categories={names} series={series} format={short} />
    </Section>
  )
}

const short = (value: number) => (value >= 10_000 ? formatShort(value) : formatNumber(value))

function Outlets({ found: { cards, portrait } }: { found: Dashboard }) {
  const [measure, setMeasure] = useState<Measure>('customers')
  const outlets = portrait.outlets
  const shown = useMemo(() => {
    const places = ranked(outlets ?? [], measure).slice(0, LISTED)
    return {
      categories: places.map((n) => outletName(outlets![n]!.name)),
      series: bySegment(cards, (one) => places.map((n) => one.outlets?.[n]?.[measure] ?? 0)),
    }
  }, [cards, outlets, measure])
  return (
    <Section>
      <Chart
        label={measure === 'customers' ? t('Customers by outlet') : t('Spend by outlet')}
        controls={
          <SegmentedControl
            size="xs"
            aria-label={t('Measure of outlets')}
            value={measure}
            onChange={(next) => setMeasure(next as Measure)}
            data={[
              { value: 'customers', label: t('Customers') },
              { value: 'spend', label: t('Spend') },
            ]}
          />
        }
        kind="stacked"
        horizontal
        height={40 + ROW * shown.categories.length}
        categoryLabel={t('Outlet')}
        format={short}
        {...shown}
      />
    </Section>
  )
}

type BandProps = { found: Dashboard; part: 'recency' | 'ages'; label: string; what: string }

function Bands({ found: { cards }, part, label, what }: BandProps) {
  const shown = useMemo(() => {
    const categories = shownBands(cards.map(({ portrait }) => portrait[part] ?? []))
    return { categories, series: bySegment(cards, (one) => categories.map((_, n) => one[part]?.[n]?.customers ?? 0)) }
  }, [cards, part])
  const axis = useMemo(() => shown.categories.map(withoutDays), [shown])
  return (
    <Section>
      <Chart label={label} kind="stacked" categoryLabel={what} {...shown} categories={axis} />
    </Section>
  )
}
