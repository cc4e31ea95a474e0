import { Anchor, Box, Group, List, Loader, Progress, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { formatNumber, formatPercent } from '@/lib/numbers'
import { Section } from '@/ui/Section'
import type { Preview, Rule, Sent } from '../model'
import { RuleWaterfall } from '../Waterfall'
import { TestCustomer } from './TestCustomer'

/** The numbers, and the rule that they are of. */
type Counted = Preview & { rule: Rule }
type Props = { sent: Sent | null; found: Counted | undefined; fetching: boolean; problem: string | undefined }

/** Who is meant: the exact number, the share, the rule in words, a few of the people. */
export function PreviewPanel({ sent, found, fetching, problem }: Props) {
  return (
    <Section title={t('Preview')} actions={fetching && <Loader size={14} aria-label={t('Counting')} />}>
      {!sent ? (
        <Text c="dimmed">{t('Fill in a condition to see whom it matches.')}</Text>
      ) : problem ? (
        <Text c="var(--mantine-color-error)" role="alert">
          {problem}
        </Text>
      ) : (
        found && <Found found={found} sent={sent} fetching={fetching} />
      )}
    </Section>
  )
}

function Found({ found, sent, fetching }: { found: Counted; sent: Sent; fetching: boolean }) {
  const { total, matched, sentence, sample } = found
  const share = total ? (100 * matched) / total : 0
  return (
    <Stack gap="sm" style={{ opacity: fetching ? 0.6 : 1 }} aria-live="polite" aria-busy={fetching}>
      <Box>
        <Text size="sm" c="dimmed">
          {found.of === 'all'
            ? t('Filter results from {{total, number}} customers', { total })
            : t('Filter results from {{total, number}} customers you own', { total })}
        </Text>
        <Group gap="xs" align="baseline">
          <Text fz="1.6rem" fw={650} lh={1.2}>
            {formatNumber(matched)}
          </Text>
          <Text>{matched === 1 ? t('customer matched') : t('customers matched')}</Text>
          <Text c="dimmed" ml="auto">
            {formatPercent(matched, total)}
          </Text>
        </Group>
        <Progress
          value={share}
          size="lg"
          mt={4}
          aria-label={found.of === 'all' ? t('Share of all customers') : t('Share of the customers you own')}
        />
        {found.of !== 'all' && (
          <Text size="xs" c="dimmed" mt={4}>
            {t('Every number here is of the customers you own. Saved, the rule counts everybody once somebody who sees all customers presses Recalculate.')}
          </Text>
        )}
      </Box>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {sentence}
      </Text>
      {sent.open > 0 && (
        <Text size="xs" c="dimmed">
          {t('Conditions that are not filled in are left out: {{open}}.', { open: sent.open })}
        </Text>
      )}
      {matched === 0 ? (
        <Text size="sm">
          {t('No customers match your filters. Recheck the filters you have applied and refresh.')}
        </Text>
      ) : (
        <>
          <RuleWaterfall rule={found.rule} matched={matched} />
          <Sample people={sample} />
        </>
      )}
      <TestCustomer rule={sent.rule} />
    </Stack>
  )
}

const Sample = ({ people }: { people: Preview['sample'] }) => (
  <Box>
    <Text size="xs" c="dimmed" mb={4}>
      {people.length ? t('Some of them') : t('None of them are customers you may see.')}
    </Text>
    <List listStyleType="none" size="sm" spacing={2}>
      {people.map(({ id, name, source, email }) => (
        <List.Item key={id}>
          <Anchor component={Link} to={`/customers/${id}`} size="sm" underline="always">
            {name}
          </Anchor>{' '}
          <Text span c="dimmed" size="xs">
            {[source, email].filter(Boolean).join(' · ')}
          </Text>
        </List.Item>
      ))}
    </List>
  </Box>
)
