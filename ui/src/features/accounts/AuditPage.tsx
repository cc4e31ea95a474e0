import { Button, Group, Select, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { usePages } from '@/lib/query'
import { useLevel } from '@/lib/session'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { EmptyState } from '@/ui/EmptyState'
import { PageHeader } from '@/ui/PageHeader'
import { DateTime } from '@/ui/Time'
import { ChainStatus } from './audit/ChainStatus'
import { EntryDetail } from './audit/EntryDetail'
import { dayEnd, dayStart, differences, verbInWords } from './model'
import { type Entry, peopleQuery } from './queries'

const KINDS = ['user', 'role', 'key', 'organisation', 'customer', 'segment', 'content', 'campaign', 'sender', 'report']

/** Who did what, when, before and after. */
export function AuditPage() {
  const search = useSearch({ from: '/settings/audit' })
  const navigate = useNavigate({ from: '/settings/audit' })
  const people = useQuery(peopleQuery)
  const [open, setOpen] = useState<Entry | null>(null)
  const pages = usePages<Entry>('/api/audit', {
    actor: search.actor,
    verb: search.verb,
    kind: search.kind,
    object: search.object,
    since: dayStart(search.from),
    until: dayEnd(search.to),
  })
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true })

  const columns: Column<Entry>[] = [
    { accessor: 'at', title: t('When'), fixed: true, width: 165, render: (one) => <DateTime value={one.at} /> },
    { accessor: 'actor_name', title: t('Who'), width: 160 },
    { accessor: 'verb', title: t('Did'), width: 200, render: (one) => verbInWords(one.verb) },
    {
      accessor: 'object_name',
      title: t('To what'),
      render: (one) => (
        <>
          <Text size="sm">{one.object_name || one.object_id || '–'}</Text>
          <Text size="xs" c="dimmed">
            {one.object_kind}
          </Text>
        </>
      ),
    },
    {
      accessor: 'changes',
      title: t('Changed'),
      render: (one) => (
        <Text size="sm" c="dimmed" lineClamp={1} maw={280}>
          {differences(one.before, one.after)
            .map(({ key }) => key)
            .join(', ') || '–'}
        </Text>
      ),
    },
    { accessor: 'seq', title: t('Number'), textAlign: 'right', hidden: true },
  ]
  const ownedOnly =
    useLevel('customers_view') === 'all'
      ? undefined
      : t('only what you did, and what is about users, keys, settings and customers you own')
  const narrowed = Object.values(search).some((value) => value !== undefined)
  return (
    <>
      <PageHeader title={t('Audit')} sub={<ChainStatus />} />
      <DataGrid
        id="audit"
        label={t('Audit trail')}
        columns={columns}
        {...pages}
        rowId={(one) => String(one.seq)}
        onRow={setOpen}
        note={ownedOnly}
        toolbar={
          <Group gap="xs" align="flex-end">
            <Select
              label={t('Who')}
              clearable
              searchable
              w={170}
              data={people.data?.map(({ id, name }) => ({ value: String(id), label: name })) ?? []}
              value={search.actor ?? null}
              onChange={(actor) => set({ actor: actor ?? undefined })}
            />
            <Select
              label={t('To what')}
              clearable
              w={150}
              data={KINDS}
              value={search.kind ?? null}
              onChange={(kind) => set({ kind: kind ?? undefined })}
            />
            <TextInput
              label={t('From')}
              type="date"
              value={search.from ?? ''}
              onChange={(event) => set({ from: event.currentTarget.value || undefined })}
            />
            <TextInput
              label={t('To')}
              type="date"
              value={search.to ?? ''}
              onChange={(event) => set({ to: event.currentTarget.value || undefined })}
            />
            {search.object && (
              <Button variant="light" onClick={() => set({ object: undefined })}>
                {t('Only one thing ✕')}
              </Button>
            )}
            {narrowed && (
              <Button variant="subtle" onClick={() => void navigate({ search: {} })}>
                {t('Clear filters')}
              </Button>
            )}
          </Group>
        }
        empty={<EmptyState title={t('Nothing recorded')}>{t('No entry matches these filters.')}</EmptyState>}
      />
      {open && (
        <EntryDetail
          entry={open}
          onClose={() => setOpen(null)}
          onOnly={() => {
            set({ kind: open.object_kind, object: open.object_id })
            setOpen(null)
          }}
        />
      )}
    </>
  )
}
