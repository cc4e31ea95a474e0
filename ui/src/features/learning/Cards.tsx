import { Anchor, Box, Group, Paper, SimpleGrid, Stack, Text, useComputedColorScheme } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { colourOf, seriesColors } from '@/ui/chartTheme'
import type { Filters } from './filters'
import { type Card, effectWords, featureDifference, featureName, featureValue, kpiLines, type Trait } from './model'

type Props = { cards: readonly Card[]; filters: Filters; currency: string }

/** Every segment: how many, what sets it apart, what it brings in, and the campaign it deserves. */
export const Cards = ({ cards, filters, currency }: Props) => (
  <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }} spacing="md" component="ul" m={0} p={0} style={{ listStyle: 'none' }} aria-label={t('Segments')}>
    {cards.map((card) => (
      <SegmentCard key={card.segment} card={card} filters={filters} currency={currency} />
    ))}
  </SimpleGrid>
)

/** The segment's colour, the same on every chart. */
export function Dot({ colour }: { colour: number }) {
  const colors = seriesColors(useComputedColorScheme('light'))
  return <Box component="span" w={10} h={10} bg={colourOf(colors, colour)} style={{ borderRadius: 3, flex: 'none' }} aria-hidden />
}

function SegmentCard({ card, filters, currency }: { card: Card; filters: Filters; currency: string }) {
  const { segment, name, colour, share, traits, recommendation, portrait, ready, seen, size } = card
  return (
    <Paper component="li" p="md" display="flex" style={{ flexDirection: 'column', gap: 10 }}>
      <Group gap={8} wrap="nowrap" align="baseline">
        <Dot colour={colour} />
        <Anchor component={Link} to="/segmentation/$id" params={{ id: segment } as never} search={filters as never} fw={600} fz="md">
          {name}
        </Anchor>
      </Group>
      <Group gap={8} align="baseline">
        <Text fz="1.375rem" fw={600} lh={1.2}>
          {formatNumber(portrait.kpis.customers)}
        </Text>
        <Text size="sm" c="dimmed">
          {t('customers · {{share}} %', { share: share.toFixed(1) })}
          {seen < size && ` · ${t('you see {{seen, number}} of {{size, number}}', { seen, size })}`}
        </Text>
      </Group>
      <Stack gap={4} component="ul" m={0} p={0} style={{ listStyle: 'none' }} aria-label={t('Traits of {{name}}', { name })}>
        {traits.map((trait) => (
          <TraitLine key={trait.feature} trait={trait} currency={currency} />
        ))}
        {traits.length === 0 && (
          <Text component="li" size="sm" c="dimmed">
            {t('Much as all customers')}
          </Text>
        )}
      </Stack>
      <SimpleGrid component="dl" cols={2} spacing="xs" verticalSpacing={4} m={0}>
        {kpiLines(portrait, currency).map(([label, value]) => (
          <div key={label}>
            <Text component="dt" size="xs" c="dimmed">
              {label}
            </Text>
            <Text component="dd" m={0} size="sm">
              {value}
            </Text>
          </div>
        ))}
      </SimpleGrid>
      <Box mt="auto" pt={8} style={{ borderTop: '1px solid var(--mantine-color-default-border)' }}>
        <Text size="xs" c="dimmed">
          {t('Suggested campaign')}
        </Text>
        <Text size="sm" fw={500}>
          {recommendation ? recommendation.type : t('None in the table of recommendations')}
        </Text>
        {!ready && (
          <Text size="xs" c="dimmed">
            {t('Segment is still being recalculated, please wait')}
          </Text>
        )}
      </Box>
    </Paper>
  )
}

/** "Share of fresh 62 % · +24 points · far above the others". */
export const TraitLine = ({ trait, currency }: { trait: Trait; currency: string }) => (
  <Text component="li" size="sm">
    {featureName(trait.feature)}{' '}
    <Text span fw={600}>
      {featureValue(trait.feature, trait.value, currency)}
    </Text>
    <Text span c="dimmed" size="xs">
      {' '}
      · {featureDifference(trait)} · {effectWords(trait)}
    </Text>
  </Text>
)
