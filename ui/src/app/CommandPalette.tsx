import '@mantine/spotlight/styles.layer.css'
import { Spotlight } from '@mantine/spotlight'
import { IconSearch } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { isSearchable } from '@/lib/searching'
import { type NavItem, pages } from './navigation'

/** Ctrl+K: every page this person may open, and a search for customers from three characters. */
export function CommandPalette({ items }: { items: NavItem[] }) {
  const navigate = useNavigate()
  const [query, setQuery] = useState('')
  const places = pages(items).map(({ label, to }) => ({ id: to, label, onClick: () => void navigate({ to }) }))
  const q = query.trim()
  const canSearch = isSearchable(q) && places.some(({ id }) => id === '/customers')
  const search = {
    id: 'search-customers',
    label: t('Search customers for “{{q}}”', { q }),
    keywords: [q],
    onClick: () => void navigate({ to: '/customers', search: { q } as never }),
  }
  return (
    <Spotlight
      shortcut={['mod + K']}
      query={query}
      onQueryChange={setQuery}
      actions={canSearch ? [...places, search] : places}
      nothingFound={t('Nothing found')}
      scrollable
      centered={false}
      overlayProps={{ backgroundOpacity: 0.35, blur: 0 }}
      title={t('Search or go to')}
      styles={{ header: { display: 'none' } }}
      searchProps={{
        leftSection: <IconSearch size={18} stroke={1.6} />,
        placeholder: t('Search or go to'),
        'aria-label': t('Search or go to'),
      }}
    />
  )
}
