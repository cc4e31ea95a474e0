import { Button, Checkbox, Group, Popover, ScrollArea, Stack } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'

export type Filter = { key: string; label: string; options: { value: string; label: string; count?: number }[] }
export type FilterValues = Record<string, string[] | undefined>

type Props = {
  filters: Filter[]
  value: FilterValues
  onChange: (value: FilterValues) => void
  /** A SearchInput, saved views, anything that narrows the list. */
  children?: ReactNode
}

/** Narrows a list: several choices per filter, the state in the caller's URL. */
export function FilterBar({ filters, value, onChange, children }: Props) {
  const isNarrowed = filters.some(({ key }) => value[key]?.length)
  const clear = () => onChange({ ...value, ...Object.fromEntries(filters.map(({ key }) => [key, undefined])) })
  return (
    <Group gap="xs" role="group" aria-label={t('Filters')}>
      {children}
      {filters.map((filter) => (
        <Choice
          key={filter.key}
          filter={filter}
          chosen={value[filter.key] ?? []}
          onChange={(chosen) => onChange({ ...value, [filter.key]: chosen.length ? chosen : undefined })}
        />
      ))}
      {isNarrowed && (
        <Button variant="subtle" size="compact-sm" onClick={clear}>
          {t('Clear filters')}
        </Button>
      )}
    </Group>
  )
}

type ChoiceProps = { filter: Filter; chosen: string[]; onChange: (chosen: string[]) => void }

function Choice({ filter: { label, options }, chosen, onChange }: ChoiceProps) {
  const first = options.find(({ value }) => value === chosen[0])?.label ?? chosen[0]
  const more = chosen.length > 1 ? ` +${chosen.length - 1}` : ''
  return (
    <Popover position="bottom-start" shadow="md" trapFocus>
      <Popover.Target>
        <Button
          variant={chosen.length ? 'light' : 'default'}
          px="sm"
          rightSection={<IconChevronDown size={14} stroke={1.6} />}
        >
          {chosen.length ? `${label}: ${first}${more}` : label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <ScrollArea.Autosize mah={320} type="auto">
          <Checkbox.Group value={chosen} onChange={onChange} aria-label={label}>
            <Stack gap={8} pr="sm">
              {options.map(({ value, label, count }) => (
                <Checkbox
                  key={value}
                  value={value}
                  size="xs"
                  label={count == null ? label : `${label} · ${formatNumber(count)}`}
                />
              ))}
            </Stack>
          </Checkbox.Group>
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  )
}
