import { Button, Group, SimpleGrid, Stack, Tabs, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { formatNumber } from '@/lib/numbers'
import { Chart } from '@/ui/Chart'
import { confirm } from '@/ui/confirm'
import { CopyButton } from '@/ui/CopyButton'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { DisabledTip } from '@/ui/DisabledTip'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState, NoPermission } from '@/ui/ErrorState'
import { FilterBar, type FilterValues } from '@/ui/FilterBar'
import { JobProgress } from '@/ui/JobProgress'
import { PageHeader } from '@/ui/PageHeader'
import { SaveBar } from '@/ui/SaveBar'
import { SearchInput } from '@/ui/SearchInput'
import { SecretReveal } from '@/ui/SecretReveal'
import { Facts, Section } from '@/ui/Section'
import { Stat } from '@/ui/Stat'
import { StatusBadge } from '@/ui/StatusBadge'
import { RelativeTime } from '@/ui/Time'
import { useDraft } from '@/ui/useDraft'
import { Waterfall } from '@/ui/Waterfall'

type Row = { id: string; name: string; email: string; source: string; status: string; orders: number; last: number }

const SOURCES = ['WhatsApp', 'Website', 'Outlet', 'Referral']
const NOW = Date.now()
const ROWS: Row[] = Array.from({ length: 60 }, (_, index) => ({
  id: String(12346 + index),
  name: ['Amelia Hart', 'Tomasz Zieliński', 'Farah Iqbal', 'Jonas Berg', 'Chiara Conti'][index % 5]!,
  email: `customer${12346 + index}@example.org`,
  source: SOURCES[index % 4]!,
  status: ['active', 'active', 'unsubscribed', 'bounced'][index % 4]!,
  orders: (index * 37) % 113,
  last: NOW - index * index * 3_600_000,
}))
const COLUMNS: Column<Row>[] = [
  { accessor: 'name', title: 'Name', sortable: true, fixed: true, noWrap: true },
  { accessor: 'email', title: 'Email', noWrap: true },
  { accessor: 'source', title: 'Source' },
  { accessor: 'status', title: 'Status', render: ({ status }) => <StatusBadge status={status} /> },
  { accessor: 'orders', title: 'Orders', textAlign: 'right', sortable: true },
  { accessor: 'last', title: 'Last activity', noWrap: true, render: ({ last }) => <RelativeTime value={last} /> },
]
const STEPS = [
  { label: 'Matched', count: 1204 },
  { label: 'Reachable by email', count: 1101 },
  { label: 'Consented', count: 890 },
  { label: 'Not suppressed', count: 884 },
  { label: 'Under the cap', count: 880, hint: '2 a week' },
]
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const SIZE = [{ name: 'Customers', values: [620, 680, 700, 760, 810, 790, 860, 930, 980, 1040, 1150, 1204] }]
const BY_SOURCE = [{ name: 'Customers', values: [1040, 96, 48, 20] }]
const TWO = [
  { name: 'Sent', values: [320, 380, 300, 460, 410, 490, 560, 430, 580, 640, 550, 604] },
  { name: 'Opened', values: [120, 180, 110, 260, 210, 190, 260, 230, 280, 340, 250, 304] },
]

/** Every part of the kit on one page: to look at, and for axe to check. */
export function KitPage() {
  return (
    <>
      <PageHeader
        title="Loyal WhatsApp buyers"
        sub={
          <Group gap="xs">
            <StatusBadge status="ready" /> data as of 08:00 · v14
          </Group>
        }
        breadcrumbs={[{ label: 'Customers', to: '/' }, { label: 'Segments', to: '/__kit' }]}
        actions={
          <>
            <DisabledTip reason="The segment is still being recalculated">
              <Button variant="default">Export</Button>
            </DisabledTip>
            <Button
              onClick={() =>
                void confirm({ title: 'Send campaign', text: 'This cannot be undone.', action: 'Send to', count: 12480, things: 'people' })
              }
            >
              Send campaign
            </Button>
          </>
        }
      />
      <Tabs defaultValue="overview" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="overview">Overview</Tabs.Tab>
          <Tabs.Tab value="list">List</Tabs.Tab>
          <Tabs.Tab value="states">States</Tabs.Tab>
          <Tabs.Tab value="forms">Forms</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview">
          <Overview />
        </Tabs.Panel>
        <Tabs.Panel value="list">
          <List />
        </Tabs.Panel>
        <Tabs.Panel value="states">
          <States />
        </Tabs.Panel>
        <Tabs.Panel value="forms">
          <Forms />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

const Overview = () => (
  <Stack>
    <Section>
      <Group gap={40}>
        <Stat label="Matched" value={1204} of={5000} hint="Customers the rule matches, among all you may see" />
        <Stat label="Reachable by email" value={1101} of={1204} />
        <Stat label="Revenue" value="£48,120" estimate />
        <Stat label="Updated" value={<RelativeTime value={NOW - 4e6} />} />
      </Group>
    </Section>
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Section title="Who will receive it">
        <Waterfall label="From matched to received" steps={STEPS} />
      </Section>
      <Section>
        <Chart label="By source" kind="bar" horizontal categories={SOURCES} series={BY_SOURCE} />
      </Section>
      <Section>
        <Chart label="Size over time" kind="area" categories={MONTHS} series={SIZE} />
      </Section>
      <Section>
        <Chart label="Sent and opened" kind="line" categories={MONTHS} series={TWO} />
      </Section>
      <Section>
        <Chart label="Share by source" kind="donut" categories={SOURCES} series={BY_SOURCE} />
      </Section>
      <Section title="Facts">
        <Facts
          items={[
            ['Email', 'amelia.hart@example.org'],
            ['Phone', '+44 20 7946 0018'],
            ['Created', <RelativeTime key="created" value={NOW - 9e9} />],
            ['Customer', <CopyButton key="copy" value="12346" label="Copy the number" />],
          ]}
        />
      </Section>
    </SimpleGrid>
  </Stack>
)

function List() {
  const [filters, setFilters] = useState<FilterValues>({ source: ['WhatsApp', 'Outlet'] })
  const [q, setQ] = useState<string>()
  const [selected, setSelected] = useState<Row[]>(ROWS.slice(0, 2))
  const [sort, setSort] = useState('-orders')
  const options = SOURCES.map((value, index) => ({ value, label: value, count: 1040 - 300 * index }))
  return (
    <DataGrid
      id="kit"
      label="Customers"
      columns={COLUMNS}
      rows={ROWS}
      total={5000}
      note="only customers you own"
      sort={sort}
      onSort={setSort}
      selected={selected}
      onSelect={setSelected}
      bulk={<Button size="compact-sm">Export</Button>}
      onRow={({ name }) => notifications.show({ message: name })}
      onMore={() => {}}
      toolbar={
        <FilterBar
          filters={[
            { key: 'source', label: 'Source', options },
            { key: 'status', label: 'Status', options },
          ]}
          value={filters}
          onChange={setFilters}
        >
          <SearchInput label="Search customers" value={q} onChange={setQ} />
        </FilterBar>
      }
    />
  )
}

const States = () => (
  <SimpleGrid cols={{ base: 1, md: 2 }}>
    <Section>
      <EmptyState title="No segments yet" action={<Button>New segment</Button>}>
        A segment is a rule whose members change by themselves.
      </EmptyState>
    </Section>
    <Section>
      <ErrorState error={new TypeError('Failed to fetch')} onRetry={() => {}} />
    </Section>
    <Section>
      <NoPermission />
    </Section>
    <Section title="Loading">
      <DataGrid id="kit-loading" label="Customers" columns={COLUMNS} rows={undefined} />
    </Section>
    <Section title="Jobs">
      <Stack>
        <JobProgress id="running" label="Import of customers.csv" />
        <JobProgress id="failed" label="Report" />
      </Stack>
    </Section>
    <Section title="States">
      <Group gap="xs">
        {['draft', 'scheduled', 'running', 'ready', 'paused', 'failed', 'archived', 'not_sent'].map((status) => (
          <StatusBadge key={status} status={status} />
        ))}
      </Group>
    </Section>
  </SimpleGrid>
)

function Forms() {
  const draft = useDraft({ key: 'kit', initial: { name: 'Loyal WhatsApp buyers' } })
  return (
    <Stack maw={560}>
      <TextInput
        label="Segment name"
        description={`${formatNumber(draft.value.name.length)} of 60 characters`}
        value={draft.value.name}
        onChange={(event) => draft.set({ name: event.currentTarget.value })}
      />
      <TextInput label="Sender" error="This address is not verified" defaultValue="hello@example.org" />
      <SecretReveal label="API key" value="ceap_live_0123456789abcdef" />
      <SaveBar dirty={draft.dirty} draftAt={draft.draftAt} onSave={draft.saved} onDiscard={draft.discard} />
    </Stack>
  )
}
