import { Anchor, Group, Progress as Bar, SimpleGrid, Stack, Table, Text } from '@mantine/core'
import { t } from '@/lib/i18n'
import { formatMoney, formatNumber, formatPercent } from '@/lib/numbers'
import { EmptyState } from '@/ui/EmptyState'
import { Section } from '@/ui/Section'
import { Stat } from '@/ui/Stat'
import { parts, type Progress, roiText, stateLabel } from './model'

/** Every planned delivery in its state: the parts add to what was planned. */
export function Deliveries({ now }: { now: Progress }) {
  const shown = parts(now.states)
  const done = now.planned - now.open
  return (
    <Section title={t('Deliveries')}>
      <Stack gap="sm">
        <Text role="status">
          <Text span fw={600} fz="xl">
            {formatNumber(now.states.sent)}
          </Text>{' '}
          {t('sent of {{count, number}} planned', { count: now.planned })}
          {now.planning && ` · ${t('still being planned')}`}
          {now.open > 0 && ` · ${t('{{share}} done', { share: formatPercent(done, now.planned) })}`}
        </Text>
        <Bar.Root size={18} aria-hidden>
          {shown.map(({ state, count, colour }) => (
            <Bar.Section key={state} value={(count / now.planned) * 100} color={colour} />
          ))}
        </Bar.Root>
        <Group component="ul" gap="md" m={0} p={0} style={{ listStyle: 'none' }} aria-label={t('States')}>
          {shown.map(({ state, label, count, colour }) => (
            <Group component="li" key={state} gap={6} wrap="nowrap" data-state={state}>
              <svg width={10} height={10} aria-hidden>
                <rect width={10} height={10} rx={2} fill={`var(--mantine-color-${colour.replace('.', '-')})`} />
              </svg>
              <Text size="sm">
                {t(label)} <b>{formatNumber(count)}</b>
              </Text>
            </Group>
          ))}
        </Group>
      </Stack>
    </Section>
  )
}

/** What people did with it, and what it was worth. */
export function Outcome({ now }: { now: Progress }) {
  const sent = now.states.sent ?? 0
  const money = (text: string | null) => (text === null ? '–' : formatMoney(Number(text), now.currency))
  const hint = t('Orders within {{days}} days after a touch, less what was cancelled in them', { days: now.conversion_days })
  return (
    <Section title={t('What came of it')}>
      <SimpleGrid cols={{ base: 2, xs: 3, sm: 5 }}>
        <Stat label={t('Delivered')} value={now.delivered || null} of={sent} hint={t('As the provider reports it; a plain SMTP server reports only bounces')} />
        <Stat label={t('Opened')} value={now.opened} of={sent} hint={t('Some mail programs load pictures by themselves')} />
        <Stat label={t('Clicked')} value={now.clicked} of={sent} />
        <Stat label={t('Unsubscribed')} value={now.unsubscribed} of={sent} />
        <Stat label={t('Converted')} value={now.converted} of={sent} hint={hint} />
        <Stat label={t('Orders')} value={now.orders} />
        <Stat label={t('Revenue')} value={<span data-stat="revenue">{money(now.revenue)}</span>} />
        <Stat label={t('Cost')} value={money(now.cost)} />
        <Stat label={t('ROI')} value={<span data-stat="roi" style={{ whiteSpace: 'nowrap' }}>{roiText(now.roi)}</span>} hint={t('Revenue less cost, divided by cost')} />
      </SimpleGrid>
      {now.apart ? (
        <Text size="sm" c="dimmed" mt="xs">
          {t('{{lines}} order lines are in a currency without a rate and are not in the revenue. Enter the rates of their days.', { lines: formatNumber(now.apart) })}
        </Text>
      ) : null}
    </Section>
  )
}

export type Left = { state: string; reason: string; words: string }

/** Who was not sent to, and why: nothing is left out silently. */
export function Reasons({ now, onOpen }: { now: Progress; onOpen: (left: Left) => void }) {
  const rows = now.reasons.filter(({ state }) => state !== 'sent')
  return (
    <Section title={t('Not sent')}>
      {rows.length === 0 ? (
        <EmptyState title={t('Nobody was left out')} />
      ) : (
        <Table.ScrollContainer minWidth={300}>
          <Table aria-label={t('Not sent')} verticalSpacing={6}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('Why')}</Table.Th>
                <Table.Th>{t('State')}</Table.Th>
                <Table.Th ta="right">{t('People')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map(({ state, reason, words, count }) => (
                <Table.Tr key={`${state} ${reason}`}>
                  <Table.Td>{words}</Table.Td>
                  <Table.Td>{t(stateLabel(state))}</Table.Td>
                  <Table.Td ta="right">
                    <Anchor
                      component="button"
                      size="sm"
                      onClick={() => onOpen({ state, reason, words })}
                      aria-label={t('Show the {{count, number}} people: {{words}}', { count, words })}
                    >
                      {formatNumber(count)}
                    </Anchor>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Section>
  )
}
