import { Button, Select } from '@mantine/core'
import { IconFilter, IconUpload, IconUserPlus } from '@tabler/icons-react'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { useCan } from '@/lib/session'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { EmptyState } from '@/ui/EmptyState'
import { FilterBar } from '@/ui/FilterBar'
import { PageHeader } from '@/ui/PageHeader'
import { SearchInput } from '@/ui/SearchInput'
import { RelativeTime } from '@/ui/Time'
import { ExportCustomers } from './ExportCustomers'
import { consentWord, isNarrowed, type Row, type Search, type Sort } from './model'
import { NewCustomer } from './NewCustomer'
import { useCustomers, usePeople, useSuggestions } from './queries'
import { SavedViews } from './SavedViews'

const columns: Column<Row>[] = [
  {
    accessor: 'name',
    title: t('Name'),
    fixed: true,
    noWrap: true,
    render: ({ id, name }) => (
      <Link to="/customers/$id" params={{ id: String(id) }} onClick={(event) => event.stopPropagation()}>
        {name}
      </Link>
    ),
  },
  { accessor: 'email', title: t('Email'), render: ({ email }) => email || '–' },
  { accessor: 'phone', title: t('Phone'), noWrap: true, render: ({ phone }) => phone || '–' },
  { accessor: 'customer_id', title: t('Customer ID'), render: (row) => row.customer_id ?? '–' },
  { accessor: 'source', title: t('Source'), render: ({ source }) => source || '–' },
  { accessor: 'status', title: t('Status'), render: ({ status }) => status || '–' },
  { accessor: 'province', title: t('Province'), render: ({ province }) => province || '–' },
  { accessor: 'city', title: t('City'), hidden: true, render: ({ city }) => city || '–' },
  { accessor: 'country', title: t('Country'), hidden: true, render: ({ country }) => country || '–' },
  { accessor: 'consent', title: t('Consent'), noWrap: true, render: (row) => t(consentWord(row.marketing_opt_in)) },
  { accessor: 'owner', title: t('Owner'), noWrap: true, render: ({ owner }) => owner?.name ?? '–' },
  {
    accessor: 'last_activity_at',
    title: t('Last activity'),
    noWrap: true,
    render: (row) => <RelativeTime value={row.last_activity_at} />,
  },
  { accessor: 'added_by', title: t('Added by'), hidden: true },
  { accessor: 'updated_at', title: t('Last updated'), hidden: true, render: (row) => <RelativeTime value={row.updated_at} /> },
]

const ORDERS: { value: Sort; label: string }[] = [
  { value: 'newest', label: t('Newest first') },
  { value: 'name', label: t('By name') },
  { value: 'last_activity', label: t('Last active first') },
  { value: 'updated', label: t('Last updated first') },
]

/** Every customer one may see: searched, narrowed, ordered. */
export function CustomersPage() {
  const search = useSearch({ from: '/customers' })
  const navigate = useNavigate({ from: '/customers' })
  const [isNew, setNew] = useState(false)
  const [canAdd, canImport, canSegment, canExport] = [
    useCan('customers_manage'),
    useCan('customers_import'),
    useCan('customers_segment_add'),
    useCan('customers_export'),
  ]
  const { grid, counts } = useCustomers(search)
  const narrow = (next: Search) => void navigate({ search: (old) => ({ ...old, ...next }) })
  const add = canAdd && (
    <Button leftSection={<IconUserPlus size={16} />} onClick={() => setNew(true)}>
      {t('Customer')}
    </Button>
  )
  const actions = (
    <>
      {canImport && (
        <Button component={Link} to="/customers/imports" variant="default" leftSection={<IconUpload size={16} />}>
          {t('Import')}
        </Button>
      )}
      {canExport && <ExportCustomers search={search} count={counts?.matched} />}
      {canSegment && (
        <Button component={Link} to="/segments/new" variant="default" leftSection={<IconFilter size={16} />}>
          {t('All filter')}
        </Button>
      )}
      {add}
    </>
  )
  const ownedOnly = counts?.owned_only
    ? t('You see {{seen}} of {{all}}: only customers you own', {
        seen: formatNumber(counts.total),
        all: formatNumber(counts.everybody),
      })
    : undefined
  const empty = isNarrowed(search) ? (
    <EmptyState title={t('No customers found')}>{t('Nobody matches this search and these filters.')}</EmptyState>
  ) : (
    <EmptyState title={counts?.owned_only ? t('You own no customers yet') : t('There are no customers yet')} action={add}>
      {ownedOnly ?? t('Import a file, or add the first one by hand.')}
    </EmptyState>
  )
  return (
    <>
      <PageHeader
        title={t('Customers')}
        sub={ownedOnly ?? (counts && t('{{count, number}} customers', { count: counts.total }))}
        actions={actions}
      />
      <SavedViews search={search} />
      <DataGrid
        id="customers"
        label={t('Customers')}
        columns={columns}
        {...grid}
        note={ownedOnly}
        onRow={({ id }) => void navigate({ to: '/customers/$id', params: { id: String(id) } })}
        empty={empty}
        toolbar={
          <>
            <Filters search={search} onChange={narrow} />
            <Select
              aria-label={t('Order')}
              w={170}
              data={ORDERS}
              value={search.sort ?? 'newest'}
              allowDeselect={false}
              onChange={(sort) => narrow({ sort: sort === 'newest' ? undefined : (sort as Sort) })}
            />
          </>
        }
      />
      <NewCustomer opened={isNew} onClose={() => setNew(false)} />
    </>
  )
}

const choices = (values: string[] | undefined) => [
  ...(values ?? []).map((value) => ({ value, label: value })),
  { value: 'none', label: t('Empty') },
]

/** Of a choice of one: the newly chosen. */
const single = (next: string[] | undefined, before: string | undefined) => next?.find((one) => one !== before)

function Filters({ search, onChange }: { search: Search; onChange: (next: Search) => void }) {
  const [sources, statuses, cities, people] = [
    useSuggestions('source').data,
    useSuggestions('status').data,
    useSuggestions('city').data,
    usePeople().data,
  ]
  const owners = [
    { value: 'me', label: t('Me') },
    ...(people ?? []).map(({ id, name }) => ({ value: String(id), label: name })),
    { value: 'none', label: t('Nobody') },
  ]
  const consent = [
    { value: 'yes', label: t('Yes') },
    { value: 'no', label: t('No') },
    { value: 'never', label: t('Never asked') },
  ]
  const { source, status, city, owner } = search
  return (
    <FilterBar
      filters={[
        { key: 'source', label: t('Source'), options: choices(sources) },
        { key: 'status', label: t('Status'), options: choices(statuses) },
        { key: 'city', label: t('City'), options: choices(cities) },
        { key: 'owner', label: t('Owner'), options: owners },
        { key: 'consent', label: t('Consent'), options: consent },
        { key: 'reachable', label: t('Reachable by'), options: [{ value: 'email', label: t('Email') }] },
      ]}
      value={{
        source, status, city, owner,
        consent: search.consent && [search.consent],
        reachable: search.reachable && [search.reachable],
      }}
      onChange={(next) =>
        onChange({
          source: next.source, status: next.status, city: next.city, owner: next.owner,
          consent: single(next.consent, next.consent?.length === 1 ? undefined : search.consent) as Search['consent'],
          reachable: next.reachable?.length ? 'email' : undefined,
        })
      }
    >
      <SearchInput
        label={t('Search name, email, phone, ID')}
        value={search.q}
        onChange={(q) => onChange({ q })}
      />
    </FilterBar>
  )
}
