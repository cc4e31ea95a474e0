import { Anchor, Text } from '@mantine/core'
import { DateInput } from '@mantine/dates'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { usePages } from '@/lib/query'
import { useCan } from '@/lib/session'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { EmptyState } from '@/ui/EmptyState'
import { Section } from '@/ui/Section'
import type { Person } from '../model'
import { useDayNote } from '../queries'

const COLUMNS: Column<Person>[] = [
  {
    accessor: 'name',
    title: t('Customer'),
    fixed: true,
    render: ({ id, name }) => (
      <Anchor component={Link} to={`/customers/${id}`}>
        {name}
      </Anchor>
    ),
  },
  { accessor: 'email', title: t('Email'), render: ({ email }) => email || '–' },
  { accessor: 'source', title: t('Source'), render: ({ source }) => source || '–' },
]

/** Who was in the segment at the end of a chosen day of the organisation. */
export function DayMembers({ id, today }: { id: string; today: string }) {
  const [day, setDay] = useState<string | null>(null)
  const canSee = useCan('customers_view')
  if (!canSee) return null
  return (
    <Section
      title={t('Members on a date')}
      actions={
        <DateInput
          size="sm"
          w={170}
          aria-label={t('Members on')}
          placeholder={t('Choose a day')}
          valueFormat="D MMM YYYY"
          maxDate={today}
          clearable
          value={day}
          onChange={setDay}
        />
      }
    >
      {day ? <People id={id} day={day} /> : <Text size="sm">{t('Choose a day to see who was in the segment at its end.')}</Text>}
    </Section>
  )
}

function People({ id, day }: { id: string; day: string }) {
  const pages = usePages<Person>(`/api/segments/${id}/days/${day}/members`)
  const note = useDayNote(id, day)
  return (
    <DataGrid
      id="segment-day"
      label={t('Members on {{day}}', { day })}
      columns={COLUMNS}
      {...pages}
      maxHeight={360}
      note={note.data}
      empty={<EmptyState title={t('Nobody to show on this day')} />}
    />
  )
}
