import { SimpleGrid, Stack } from '@mantine/core'
import { useMemo } from 'react'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { Chart } from '@/ui/Chart'
import type { Colour } from '@/ui/chartTheme'
import { Section } from '@/ui/Section'
import { outletName, type Portrait, ranked, shownBands, withoutDays } from './model'

/** Some customers on a chart: their numbers under a name, in a colour. */
export type Shown = { name: string; colour: Colour; portrait: Portrait }

const ROW = 34 // pixels of two ranked bars
const LISTED = 20
const percent = (value: number) => `${formatNumber(value)} %`

/** Two groups of customers side by side, each as shares of itself: what they buy, where, how lately, how old they are. */
export function Portraits({ shown: [first, second] }: { shown: readonly [Shown, Shown] }) {
  const both = useMemo(() => [first, second], [first, second])
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Stack miw={0}>
        <Shares
          label={t('Spend by category')}
          what={t('Category')}
          shown={both}
          categories={first.portrait.categories.map(({ name }) => name)}
          values={({ categories }) => categories.map(({ share }) => share)}
        />
        {first.portrait.recency && (
          <Shares
            label={t('Days since the last purchase')}
            what={t('Days')}
            shown={both}
            categories={shownBands(both.map(({ portrait }) => portrait.recency ?? []))}
            values={({ recency }) => (recency ?? []).map(({ share }) => share)}
          />
        )}
        {first.portrait.ages && (
          <Shares
            label={t('Age')}
            what={t('Age')}
            shown={both}
            categories={shownBands(both.map(({ portrait }) => portrait.ages ?? []))}
            values={({ ages }) => (ages ?? []).map(({ share }) => share)}
          />
        )}
      </Stack>
      {first.portrait.outlets && <Outlets shown={both} />}
    </SimpleGrid>
  )
}

type SharesProps = {
  label: string
  what: string
  shown: readonly Shown[]
  categories: string[]
  values: (portrait: Portrait) => number[]
}

function Shares({ label, what, shown, categories, values }: SharesProps) {
  const series = shown.map(({ name, colour, portrait }) => ({ name, colour, values: values(portrait).slice(0, categories.length) }))
  const kept = useStable({ categories: categories.map(withoutDays), series })
  return (
    <Section>
      <Chart label={label} kind="bar" categoryLabel={what} format={percent} {...kept} />
    </Section>
  )
}

function Outlets({ shown }: { shown: readonly Shown[] }) {
  const outlets = shown[0]?.portrait.outlets ?? []
  const places = ranked(outlets, 'customers').slice(0, LISTED)
  const kept = useStable({
    categories: places.map((n) => outletName(outlets[n]!.name)),
    series: shown.map(({ name, colour, portrait }) => ({
      name, colour, values: places.map((n) => portrait.outlets?.[n]?.share ?? 0),
    })),
  })
  return (
    <Section>
      <Chart
        label={t('Customers by outlet')}
        kind="bar"
        horizontal
        height={40 + ROW * places.length}
        categoryLabel={t('Outlet')}
        format={percent}
        {...kept}
      />
    </Section>
  )
}

/** The same object while it says the same, so that a chart is drawn again only for other numbers. */
function useStable<T>(value: T): T {
  const text = JSON.stringify(value)
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  return useMemo(() => value, [text])
}
