import { Combobox, Text, Tooltip, UnstyledButton, useCombobox } from '@mantine/core'
import { IconBraces } from '@tabler/icons-react'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { liquid } from './model'
import { useVariables } from './queries'

/** A button that offers the customer's fields and gives the chosen one as Liquid. */
export function VariablePicker({ onPick, label = t('Insert a variable') }: { onPick: (liquid: string) => void; label?: string }) {
  const [search, setSearch] = useState('')
  const box = useCombobox({
    onDropdownOpen: () => box.focusSearchInput(),
    onDropdownClose: () => {
      setSearch('')
      box.resetSelectedOption()
    },
  })
  const { data = [] } = useVariables()
  const wanted = search.toLowerCase()
  const found = data.filter(({ label: name, path }) => name.toLowerCase().includes(wanted) || path.includes(wanted))
  const groups = [...new Set(found.map(({ group }) => group))]
  const pick = (path: string) => {
    const isName = path === 'customer.first_name' || path === 'customer.full_name'
    onPick(liquid(path, isName ? 'there' : ''))
    box.closeDropdown()
  }
  return (
    <Combobox store={box} onOptionSubmit={pick} width={280} position="bottom-end" withinPortal>
      <Combobox.Target withAriaAttributes={false}>
        <Tooltip label={label}>
          <UnstyledButton aria-label={label} aria-haspopup="listbox" aria-expanded={box.dropdownOpened} onClick={() => box.toggleDropdown()} p={4} display="flex">
            <IconBraces size={16} stroke={1.6} />
          </UnstyledButton>
        </Tooltip>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search value={search} onChange={(event) => setSearch(event.currentTarget.value)} placeholder={t('Search fields')} aria-label={t('Search fields')} />
        <Combobox.Options mah={260} style={{ overflowY: 'auto' }} aria-label={t('Fields')}>
          {groups.map((group) => (
            <Combobox.Group key={group} label={group}>
              {found.filter((one) => one.group === group).map((one) => (
                <Combobox.Option key={one.path} value={one.path}>
                  {one.label}
                  <Text span size="xs" c="dimmed" ml={6}>
                    {one.path}
                  </Text>
                </Combobox.Option>
              ))}
            </Combobox.Group>
          ))}
          {found.length === 0 && <Combobox.Empty>{t('No such field')}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}
