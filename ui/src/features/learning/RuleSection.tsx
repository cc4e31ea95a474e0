import { Button, List, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { formatPercent } from '@/lib/numbers'
import { useCan } from '@/lib/session'
import { DisabledTip } from '@/ui/DisabledTip'
import { Section } from '@/ui/Section'
import type { Detail } from './model'

/** The rule that comes nearest to the segment, how near, and the way into the rule builder. */
export function RuleSection({ found: { rule, name } }: { found: Detail }) {
  const mayAdd = useCan('customers_segment_add')
  if (!rule)
    return (
      <Section title={t('Readable rule')}>
        <Text>{t('Training found no rule that comes near to this segment.')}</Text>
      </Section>
    )
  const reason = !mayAdd
    ? t('Your role does not include creating segments.')
    : !rule.rule && t('The rule builder can say none of these conditions.')
  const search = { name: t('{{name}} by rule', { name }).slice(0, 60), rule: rule.rule }
  return (
    <Section title={t('Readable rule')}>
      <Stack gap="xs" align="flex-start">
        <Text style={{ overflowWrap: 'anywhere' }}>{rule.words.charAt(0).toUpperCase() + rule.words.slice(1)}</Text>
        <Text size="sm" c="dimmed">
          {t('It approximates the segment: fidelity {{fidelity}}. Of those it selects {{precision}} belong to the segment, and it selects {{recall}} of the segment.', {
            fidelity: formatPercent(rule.fidelity), precision: formatPercent(rule.precision), recall: formatPercent(rule.recall),
          })}
        </Text>
        {rule.unsaid.length > 0 && (
          <>
            <Text size="sm">{t('The rule builder cannot say:')}</Text>
            <List size="sm">
              {rule.unsaid.map(([words, why]) => (
                <List.Item key={words}>
                  {words}: {why}
                </List.Item>
              ))}
            </List>
          </>
        )}
        <DisabledTip reason={reason}>
          <Button variant="default" component={Link} to="/segments/new" search={search as never}>
            {rule.unsaid.length > 0 && rule.rule ? t('Open the rest in the rule builder') : t('Open in the rule builder')}
          </Button>
        </DisabledTip>
      </Stack>
    </Section>
  )
}
