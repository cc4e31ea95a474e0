import { Box, Button, Group, Loader, Progress, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { sentence } from '@/lib/client'
import { formatDateTime } from '@/lib/dates'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import type { Rule, Waterfall as Found } from './model'
import { useSegmentWaterfall, useWaterfall } from './queries'

/** Up to this many the numbers come by themselves; beyond, they take seconds and are asked for. */
const AT_ONCE = 50_000

/** The waterfall of a rule that is being built; asked once the rule stands still. */
export function RuleWaterfall({ rule, matched }: { rule: Rule; matched: number }) {
  const key = JSON.stringify(rule)
  const [wanted, want] = useState('')
  const isAsked = matched <= AT_ONCE || wanted === key
  const { data, error, isFetching } = useWaterfall(rule, isAsked)
  return (
    <Part error={error} fetching={isFetching}>
      {isAsked ? data && <Steps found={data} /> : <Ask onAsk={() => want(key)} />}
    </Part>
  )
}

/** The waterfall of the membership that serves. */
export function SegmentWaterfall({ id, version, size }: { id: string; version: number; size: number }) {
  const [wanted, want] = useState(false)
  const isAsked = size <= AT_ONCE || wanted
  const { data, error, isFetching } = useSegmentWaterfall(id, version, isAsked)
  return (
    <Part error={error} fetching={isFetching}>
      {isAsked ? data && <Steps found={data} /> : <Ask onAsk={() => want(true)} />}
    </Part>
  )
}

const Ask = ({ onAsk }: { onAsk: () => void }) => (
  <Button size="compact-sm" variant="default" onClick={onAsk}>
    {t('Count who could be emailed')}
  </Button>
)

type PartProps = { error: Error | null; fetching: boolean; children: React.ReactNode }

const Part = ({ error, fetching, children }: PartProps) => (
  <Box aria-busy={fetching} style={{ opacity: fetching ? 0.6 : 1 }}>
    <Group gap="xs" mb={4}>
      <Text size="sm" fw={600}>
        {t('Who could be emailed now')}
      </Text>
      {fetching && <Loader size={12} aria-label={t('Counting')} />}
    </Group>
    {error ? (
      <Text size="sm" c="var(--mantine-color-error)" role="alert">
        {sentence(error)}
      </Text>
    ) : (
      children
    )}
  </Box>
)

function Steps({ found: { steps, at, of } }: { found: Found }) {
  const matched = steps[0]?.count ?? 0
  return (
    <>
      {of !== 'all' && (
        <Text size="xs" c="dimmed" mb={4}>
          {of === 'owned' ? t('Of the customers you own; a saved segment counts everybody.') : t('You may not see customers, so nobody is counted.')}
        </Text>
      )}
      <Stack component="ol" gap={6} m={0} p={0} style={{ listStyle: 'none' }}>
        {steps.map(({ key, label, count }, n) => {
          const lost = n ? (steps[n - 1]?.count ?? 0) - count : 0
          return (
            <li key={key}>
              <Group justify="space-between" gap="xs" wrap="nowrap">
                <Text size="sm">{t(label)}</Text>
                <Text size="sm" style={{ fontVariantNumeric: 'tabular-nums' }}>
                  {lost > 0 && (
                    <Text span size="xs" c="dimmed">
                      −{formatNumber(lost)}{' '}
                    </Text>
                  )}
                  {formatNumber(count)}
                </Text>
              </Group>
              <Progress value={matched ? (100 * count) / matched : 0} size="xs" aria-hidden />
            </li>
          )
        })}
      </Stack>
      <Text size="xs" c="dimmed" mt={6}>
        {t('Marketing email, as of {{at}}. Each campaign asks again before it sends.', { at: formatDateTime(at) })}
      </Text>
    </>
  )
}
