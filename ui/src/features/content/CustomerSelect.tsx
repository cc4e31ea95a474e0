import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { isSearchable } from '@/lib/searching'
import { useCan } from '@/lib/session'
import { useCustomerSearch } from './queries'

/** Whose data fills the preview; nobody's shows the name of every variable. */
export function CustomerSelect({ value, onChange }: { value: number | null; onChange: (id: number | null) => void }) {
  const mayView = useCan('customers_view')
  const [search, setSearch] = useState('')
  const [chosen, setChosen] = useState<{ value: string; label: string } | null>(null)
  const [wanted] = useDebouncedValue(search.trim(), 300)
  const { data, error } = useCustomerSearch(isSearchable(wanted) && wanted !== chosen?.label ? wanted : '')
  const found = (data?.items ?? []).map(({ id, name, email }) => ({ value: String(id), label: [name, email].filter(Boolean).join(' · ') || `#${id}` }))
  const options = chosen && !found.some((one) => one.value === chosen.value) ? [chosen, ...found] : found
  // An empty list box is nothing that a screen reader can announce.
  const nobody = { value: '', label: error ? t('Customers cannot be searched now') : t('Nobody is called that'), disabled: true }
  if (!mayView) return null
  return (
    <Select
      aria-label={t('Preview as')}
      placeholder={t('Preview as a customer…')}
      size="sm"
      w={{ base: '100%', xs: 260 }}
      searchable
      withScrollArea={false} // the list box itself scrolls, with the arrow keys
      styles={{ options: { maxHeight: 300, overflowY: 'auto' } }}
      clearable
      clearButtonProps={{ 'aria-label': t('Preview as nobody') }}
      filter={({ options: all }) => all}
      data={options.length ? options : [nobody]}
      value={value === null ? null : String(value)}
      searchValue={search}
      onSearchChange={setSearch}
      onChange={(id, option) => {
        setChosen(option ? { value: option.value, label: option.label } : null)
        onChange(id === null ? null : Number(id))
      }}
    />
  )
}
