import { Autocomplete, Badge, Box, Group, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconCheck, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { sentence } from '@/lib/client'
import { formatDateTime } from '@/lib/dates'
import { t } from '@/lib/i18n'
import type { Rule, Verdict } from '../model'
import { useCustomerSearch, useWhy } from '../queries'

const MOMENT = /^\d{4}-\d{2}-\d{2}T/

const seen = (value: unknown): string => {
  if (value == null || value === '') return t('empty')
  if (typeof value === 'string' && MOMENT.test(value)) return formatDateTime(value)
  return Array.isArray(value) ? value.join(', ') : String(value)
}

/** Search for a customer and see a tick for each condition with the value seen. */
export function TestCustomer({ rule }: { rule: Rule }) {
  const [text, setText] = useState('')
  const [asked] = useDebouncedValue(text, 250)
  const search = useCustomerSearch(asked)
  const why = useWhy(rule)
  const found = (search.data?.items ?? []).map((one) => ({
    value: String(one.id),
    label: `${one.full_name || one.name || one.email || t('Customer')} #${one.id}`,
  }))
  return (
    <Box>
      <Autocomplete
        size="xs"
        label={t('Test one customer')}
        placeholder={t('Name, email or number')}
        data={found.map(({ label }) => label)}
        filter={({ options }) => options}
        value={text}
        onChange={setText}
        onOptionSubmit={(label) => {
          const chosen = found.find((one) => one.label === label)
          if (chosen) why.mutate(Number(chosen.value))
        }}
      />
      {why.error && (
        <Text size="sm" mt="xs" c="var(--mantine-color-error)" role="alert">
          {sentence(why.error)}
        </Text>
      )}
      {why.data && <Answer verdict={why.data} />}
    </Box>
  )
}

/** "until 1 Apr 2026, 00:00": when an answer changes by itself. */
const turn = (holds: boolean, at: string) => t(holds ? 'until {{when}}' : 'from {{when}}', { when: formatDateTime(at) })

/** Each condition with a tick or a cross, the value seen, and when it changes if nothing else happens. */
export const Answer = ({ verdict }: { verdict: Verdict }) => (
  <Stack gap={4} mt="xs" role="status">
    <Group gap="xs">
      <Text fw={600} size="sm">
        {verdict.customer.name}
      </Text>
      <Badge variant="default">
        {verdict.matches ? t('matches') : t('does not match')}
      </Badge>
      {verdict.changes_at && (
        <Text size="xs" c="dimmed">
          {verdict.matches ? turn(true, verdict.changes_at) : t('matches {{from}}', { from: turn(false, verdict.changes_at) })}
        </Text>
      )}
    </Group>
    {verdict.groups.flatMap((group, g) =>
      group.map(({ words, holds, value, changes_at }) => (
        <Group key={`${g} ${words}`} gap={6} wrap="nowrap" align="flex-start">
          {holds ? (
            <IconCheck size={16} style={{ flexShrink: 0 }} color="var(--mantine-color-green-7)" role="img" aria-label={t('true')} />
          ) : (
            <IconX size={16} style={{ flexShrink: 0 }} color="var(--mantine-color-red-7)" role="img" aria-label={t('not true')} />
          )}
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {words}{' '}
            <Text span c="dimmed" size="xs">
              {t('seen: {{value}}', { value: seen(value) })}
              {changes_at && ` · ${t('true {{turn}}', { turn: turn(holds, changes_at) })}`}
            </Text>
          </Text>
        </Group>
      )),
    )}
    {verdict.groups.flat().some(({ changes_at }) => changes_at) && (
      <Text size="xs" c="dimmed">
        {t('These moments hold if nothing else happens.')}
      </Text>
    )}
  </Stack>
)
