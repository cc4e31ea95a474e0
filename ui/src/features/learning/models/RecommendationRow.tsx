import { Group, Paper, Select, SimpleGrid, Text, Textarea, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { t } from '@/lib/i18n'
import type { Row } from './model'

export type Draft = Omit<Row, 'when'> & { id: number; when: string }
type Props = {
  number: number
  draft: Draft
  errors: Record<string, string | undefined>
  onChange: (draft: Draft) => void
  actions: ReactNode
}

const CHANNELS = ['email', 'sms', 'whatsapp']

/** One row of the table of recommendations: for which traits, and what is recommended then. */
export function RecommendationRow({ number, draft, errors, onChange, actions }: Props) {
  const text = (name: 'type' | 'offer' | 'timing', label: string) => (
    <TextInput label={label} value={draft[name]} error={errors[name]} maxLength={500} onChange={(event) => onChange({ ...draft, [name]: event.currentTarget.value })} />
  )
  return (
    <Paper withBorder p="sm" role="group" aria-label={t('Row {{number}}', { number })}>
      <Group justify="space-between" mb={4}>
        <Text fw={500}>{t('Row {{number}}', { number })}</Text>
        <Group gap={4}>{actions}</Group>
      </Group>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm" verticalSpacing="xs">
        <TextInput
          label={t('When')}
          placeholder={t('always')}
          value={draft.when}
          error={errors.when}
          onChange={(event) => onChange({ ...draft, when: event.currentTarget.value })}
        />
        {text('type', t('Campaign'))}
        <Select
          label={t('Channel')}
          data={[...new Set([...CHANNELS, draft.channel])]}
          value={draft.channel}
          allowDeselect={false}
          error={errors.channel}
          onChange={(next) => onChange({ ...draft, channel: next ?? 'email' })}
        />
        {text('offer', t('Offer'))}
        {text('timing', t('Timing'))}
        <Textarea label={t('Reason')} autosize value={draft.reason} error={errors.reason} maxLength={500} onChange={(event) => onChange({ ...draft, reason: event.currentTarget.value })} />
      </SimpleGrid>
    </Paper>
  )
}
