import { ActionIcon, Alert, Anchor, Button, Group, List, Select, Text } from '@mantine/core'
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { formatDate } from '@/lib/dates'
import { t } from '@/lib/i18n'
import { usePages } from '@/lib/query'
import { useCan, useSession } from '@/lib/session'
import { confirm } from '@/ui/confirm'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { EmptyState } from '@/ui/EmptyState'
import { PageHeader } from '@/ui/PageHeader'
import { othersThan } from './model'
import { RATES, type Rate, type Rates, useApart, useChangeRates } from './queries'
import { RateForm, type Start } from './RateForm'

const keyOf = ({ currency, day }: Rate) => `${currency} ${day}`

/** What other currencies are worth, from which day on. */
export function RatesPage() {
  const own = useSession().organisation.currency
  const canImport = useCan('customers_import')
  const { currency } = useSearch({ from: '/settings/rates' })
  const navigate = useNavigate({ from: '/settings/rates' })
  const [form, setForm] = useState<Start | null>(null)
  const change = useChangeRates()
  const remove = async (row: Rate) => {
    const text = t('Purchases in {{currency}} from that day on are converted by the rate before it; without one they are in no amount.', row)
    const title = t('Take back the rate of {{currency}} of {{day}}?', { ...row, day: formatDate(row.day) })
    if (await confirm({ title, text, action: t('Take back'), danger: true })) change.mutate([{ ...row, rate: null }])
  }
  const columns: Column<Rate>[] = [
    { accessor: 'day', title: t('From'), fixed: true, noWrap: true, render: ({ day }) => formatDate(day) },
    { accessor: 'currency', title: t('Currency'), fixed: true },
    {
      accessor: 'rate',
      title: t('Worth'),
      textAlign: 'right',
      render: ({ rate }) => <span style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}>{`${rate} ${own}`}</span>,
    },
    {
      accessor: 'actions',
      title: t('Actions'),
      fixed: true,
      textAlign: 'right',
      render: (row) => (
        <Group gap={4} justify="flex-end" wrap="nowrap">
          <ActionIcon variant="subtle" color="gray" title={t('Change')} aria-label={t('Change {{key}}', { key: keyOf(row) })} onClick={() => setForm({ before: row })}>
            <IconPencil size={16} stroke={1.6} />
          </ActionIcon>
          <ActionIcon variant="subtle" color="red" title={t('Take back')} aria-label={t('Take back {{key}}', { key: keyOf(row) })} onClick={() => void remove(row)}>
            <IconTrash size={16} stroke={1.6} />
          </ActionIcon>
        </Group>
      ),
    },
  ]
  return (
    <>
      <PageHeader
        title={t('Exchange rates')}
        sub={t('Amounts of other currencies are converted to {{own}} by the newest rate of their day or before it.', { own })}
        actions={
          <Button leftSection={<IconPlus size={16} stroke={1.6} />} onClick={() => setForm({ currency })}>
            {t('Add a rate')}
          </Button>
        }
      />
      <Missing onEnter={setForm} />
      <DataGrid
        id="rates"
        label={t('Exchange rates')}
        columns={columns}
        rowId={keyOf}
        {...usePages<Rate>(RATES, { currency })}
        toolbar={
          <Select
            aria-label={t('Currency')}
            placeholder={t('Every currency')}
            searchable
            clearable
            limit={80}
            w={170}
            data={othersThan(own)}
            value={currency ?? null}
            onChange={(next) => void navigate({ search: { currency: next ?? undefined }, replace: true })}
          />
        }
        empty={
          <EmptyState title={currency ? t('No rate of {{currency}}', { currency }) : t('No rates yet')}>
            {t('Purchases in another currency count as orders, but are in no amount until there is a rate for their day.')}{' '}
            {canImport && <Anchor component={Link} to="/customers/imports" underline="always">{t('Import a file of rates')}</Anchor>}
          </EmptyState>
        }
      />
      {form && <RateForm start={form} own={own} onClose={() => setForm(null)} />}
    </>
  )
}

/** The purchases that no amount holds, each with the rate that would change that. */
function Missing({ onEnter }: { onEnter: (start: Start) => void }) {
  const { data } = useApart()
  if (!data) return null
  if (!data.apart) return <Alert color="yellow" mb="md">{t('Purchases are being read; what lacks a rate is said once they are.')}</Alert>
  if (!data.apart.length) return null
  return (
    <Alert color="yellow" mb="md" styles={{ title: { color: 'inherit' } }} title={t('Purchases without a rate')}>
      <Text size="sm" mb={6}>{t('They count as orders, but are in no amount.')}</Text>
      <List size="sm" spacing={6} listStyleType="none">
        {data.apart.map((one) => (
          <List.Item key={one.currency}>
            <Group gap="xs">
              {sentenceOf(one)}
              <Button size="compact-xs" variant="default" onClick={() => onEnter({ currency: one.currency, day: one.first })}>
                {t('Enter a rate of {{currency}}', one)}
              </Button>
            </Group>
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}

function sentenceOf({ currency, lines: count, first, last }: NonNullable<Rates['apart']>[number]) {
  const lines = t('{{count, number}} lines in {{currency}}', { count, currency })
  return first === last ? `${lines}, ${formatDate(first)}` : `${lines}, ${t('{{first}} to {{last}}', { first: formatDate(first), last: formatDate(last) })}`
}
