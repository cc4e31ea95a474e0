import { Skeleton, Stack, Table, Text } from '@mantine/core'
import { t } from '@/lib/i18n'
import { formatPercent } from '@/lib/numbers'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Facts, Section } from '@/ui/Section'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime } from '@/ui/Time'
import { Findings } from './Findings'
import type { Scoring } from './model'
import { useScorings, useVersions } from './queries'
import { Wide } from './Wide'

const TONES = { stable: 'green', watch: 'yellow', shifted: 'red', unknown: 'gray' } as const
const WORDS = { stable: 'Stable', watch: 'Watch', shifted: 'Has shifted', unknown: 'Not known' } as const

export const Verdict = ({ verdict }: { verdict: Scoring['verdict'] }) => (
  <StatusBadge status={verdict} label={t(WORDS[verdict])} tone={TONES[verdict]} />
)

/** How far the customers of the last scoring are from those of training. */
export function DriftTab({ inUse }: { inUse: number | null }) {
  const { data, error, refetch } = useScorings()
  const names = useVersions().data?.items
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton height={240} role="status" aria-label={t('Loading')} />
  const last = data.items.find(({ version }) => version === inUse)
  if (!last)
    return <EmptyState title={t('Nothing was scored yet')}>{t('Drift is measured each time customers are scored: after a deployment, and with every daily run.')}</EmptyState>
  const found = (names?.find(({ version }) => version === last.version)?.segments ?? []) as { key: string; name: string }[]
  const name = (key: string) => found.find((one) => one.key === key)?.name ?? key
  return (
    <Stack>
      <Section title={t('Last scoring')}>
        <Stack gap="sm">
          <Text>
            <Verdict verdict={last.verdict} /> {last.words}
          </Text>
          <Facts
            cols={3}
            items={[
              [t('Version'), String(last.version)],
              [t('Scored'), <DateTime key="at" value={last.at} />],
              [
                t('Mean certainty of a segment'),
                last.certainty_before === null
                  ? formatPercent(last.certainty)
                  : t('{{now}} (in training {{before}})', { now: formatPercent(last.certainty), before: formatPercent(last.certainty_before) }),
              ],
            ]}
          />
        </Stack>
      </Section>
      {Object.keys(last.features).length > 0 && (
        <Section title={t('By feature')}>
          <Text size="sm" c="dimmed" mb="xs">
            {t('Population stability index against training: below 0.1 stable, from 0.25 on it has shifted.')}
          </Text>
          <Wide label={t('Drift by feature')}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{t('Feature')}</Table.Th>
                <Table.Th scope="col" ta="right">{t('Index')}</Table.Th>
                <Table.Th scope="col">{t('Verdict')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {Object.entries(last.features).map(([feature, { psi, verdict }]) => (
                <Table.Tr key={feature}>
                  <Table.Th scope="row" fw={400}>{feature}</Table.Th>
                  <Table.Td ta="right">{psi.toFixed(3)}</Table.Td>
                  <Table.Td><Verdict verdict={verdict} /></Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Wide>
        </Section>
      )}
      {last.findings.length > 0 && (
        <Section title={t('What was found in the data')}>
          <Findings findings={last.findings} />
        </Section>
      )}
      <Section title={t('Shares of segments')}>
        <Wide label={t('Shares of segments')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t('Segment')}</Table.Th>
              <Table.Th scope="col" ta="right">{t('In training')}</Table.Th>
              <Table.Th scope="col" ta="right">{t('Now')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {Object.entries(last.segments).map(([key, share]) => (
              <Table.Tr key={key}>
                <Table.Th scope="row" fw={400}>{name(key)}</Table.Th>
                <Table.Td ta="right">{key in last.segments_before ? formatPercent(last.segments_before[key]!) : '–'}</Table.Td>
                <Table.Td ta="right">{formatPercent(share)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Wide>
      </Section>
    </Stack>
  )
}
