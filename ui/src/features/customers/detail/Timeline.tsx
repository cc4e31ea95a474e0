import { Anchor, Button, Group, Stack, Table, Text, Timeline as Line } from '@mantine/core'
import { IconBolt, IconShoppingCart } from '@tabler/icons-react'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { usePages } from '@/lib/query'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { DateTime } from '@/ui/Time'
import { type Activity, humane, money } from '../model'

/** What a customer did, newest first. */
export function Timeline({ customer }: { customer: number }) {
  const { rows, error, onMore, fetching, onRetry } = usePages<Activity>('/api/events/timeline', { customer, limit: 30 })
  if (error && !rows) return <ErrorState error={error} onRetry={onRetry} />
  if (!rows) return <Text c="dimmed" role="status">{t('Loading')}</Text>
  if (rows.length === 0)
    return <EmptyState title={t('Nothing has happened yet')}>{t('Purchases, visits and messages show up here.')}</EmptyState>
  return (
    <Stack>
      <Line bulletSize={22} lineWidth={2} aria-label={t('Timeline')}>
        {rows.map((each) => (
          <Line.Item key={`${each.kind}:${each.key}:${each.at}`} bullet={each.kind === 'event' ? <IconBolt size={12} /> : <IconShoppingCart size={12} />} title={<Title entry={each} />}>
            <Text size="xs" c="dimmed" component="div">
              <Group gap="xs">
                <DateTime value={each.at} />
                {each.outlet && <span>{each.outlet}</span>}
                {each.item && <span>{each.item}</span>}
              </Group>
            </Text>
            {each.lines.length > 0 && <Lines entry={each} />}
          </Line.Item>
        ))}
      </Line>
      {onMore && <Button variant="default" onClick={onMore} loading={fetching}>{t('Load more')}</Button>}
    </Stack>
  )
}

function Title({ entry }: { entry: Activity }) {
  const { kind, name, amount, currency, lines } = entry
  const words =
    kind === 'event' ? humane(name) : t('Order {{order}}', { order: entry.key })
  return (
    <Group gap="xs" component="span">
      <span>{words}</span>
      {amount != null && <Text component="span" size="sm" fw={600}>{money(amount, currency)}</Text>}
      {lines.length > 0 && <Text component="span" size="sm" c="dimmed">{t('{{count, number}} lines', { count: lines.length })}</Text>}
    </Group>
  )
}

function Lines({ entry: { lines, currency, key } }: { entry: Activity }) {
  const [open, setOpen] = useState(false)
  if (!open)
    return (
      <Anchor component="button" type="button" size="xs" onClick={() => setOpen(true)}>
        {t('Show lines')}
      </Anchor>
    )
  return (
    <Table.ScrollContainer minWidth={320} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': t('Lines of {{order}}', { order: key }), role: 'group' } }}>
      <Table fz="xs" verticalSpacing={2} aria-label={t('Lines of {{order}}', { order: key })}>
        <Table.Tbody>
          {lines.map((line) => (
            <Table.Tr key={line.key}>
              <Table.Td>{line.item_name ?? line.item ?? '–'}</Table.Td>
              <Table.Td ta="right">{line.quantity && formatNumber(Number(line.quantity))}</Table.Td>
              <Table.Td ta="right">{money(line.amount, currency)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
