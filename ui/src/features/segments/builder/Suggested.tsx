import { Autocomplete, Group, Select, TagsInput, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { useSuggestions } from '../queries'
import { useTyped } from './useTyped'

type Props<T> = { on: string; label: string; value: T; onChange: (value: T) => void }

/** The values that exist and hold what was typed, and their counts by value. */
function useValues(on: string, search: string, open: boolean) {
  const [asked] = useDebouncedValue(search, 200)
  const { data = [] } = useSuggestions(on, asked, open)
  const counts = new Map(data.map(({ label, count }) => [label, count]))
  return { labels: [...new Set(data.map(({ label }) => label))], counts, data }
}

const Counted = ({ label, count }: { label: string; count: number | null | undefined }) => (
  <Group justify="space-between" wrap="nowrap" w="100%" gap="xs">
    <span>{label}</span>
    {count != null && (
      <Text size="xs" c="dimmed">
        {formatNumber(count)}
      </Text>
    )}
  </Group>
)

/** A text, with the values that the data holds to choose from. */
export function SuggestedInput({ on, label, value, onChange }: Props<string>) {
  const [text, type] = useTyped(value, onChange)
  const [open, setOpen] = useState(false)
  const { labels, counts } = useValues(on, text === value ? '' : text, open)
  return (
    <Autocomplete
      size="xs"
      w={{ base: '100%', xs: 180 }}
      aria-label={label}
      placeholder={t('Type or choose')}
      maxLength={1000}
      data={labels}
      filter={({ options }) => options}
      value={text}
      onChange={type}
      onOptionSubmit={onChange}
      onDropdownOpen={() => setOpen(true)}
      renderOption={({ option }) => <Counted label={option.value} count={counts.get(option.value)} />}
      maxDropdownHeight={260}
    />
  )
}

/** Several values. */
export function SuggestedTags({ on, label, value, onChange }: Props<string[]>) {
  const [search, setSearch] = useState('')
  const [open, setOpen] = useState(false)
  const { labels } = useValues(on, search, open)
  return (
    <TagsInput
      size="xs"
      w={{ base: '100%', xs: 240 }}
      aria-label={label}
      placeholder={value.length ? '' : t('Type or choose')}
      data={labels}
      value={value}
      onChange={onChange}
      searchValue={search}
      onSearchChange={setSearch}
      onDropdownOpen={() => setOpen(true)}
      splitChars={[]}
      maxTags={50}
    />
  )
}

/** A user. */
export function SuggestedUser({ on, label, value, onChange }: Props<number | null>) {
  const { data } = useValues(on, '', true)
  return (
    <Select
      size="xs"
      w={{ base: '100%', xs: 180 }}
      aria-label={label}
      placeholder={t('Choose a user')}
      data={data.map(({ value: id, label: name }) => ({ value: String(id), label: name }))}
      value={value == null ? null : String(value)}
      onChange={(id) => onChange(id ? Number(id) : null)}
      searchable
      allowDeselect={false}
    />
  )
}
