import { ActionIcon, Checkbox, Popover, Stack, Text } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { IconColumns3 } from '@tabler/icons-react'
import { t } from '@/lib/i18n'

type Hideable = { accessor: string; title: string; fixed?: boolean; hidden?: boolean }

/** Accessors of the hidden columns, remembered on this device, and a way to flip one. */
export function useHiddenColumns(id: string, columns: Hideable[]) {
  const [hidden, setHidden] = useLocalStorage<string[]>({
    key: `ceap:grid:${id}`,
    defaultValue: columns.filter((column) => column.hidden).map(({ accessor }) => accessor),
    getInitialValueInEffect: false,
  })
  const toggle = (accessor: string) =>
    setHidden((now) => (now.includes(accessor) ? now.filter((one) => one !== accessor) : [...now, accessor]))
  return [hidden, toggle] as const
}

type Props = { columns: Hideable[]; hidden: string[]; onToggle: (accessor: string) => void }

/** Which columns show. */
export function ColumnMenu({ columns, hidden, onToggle }: Props) {
  const choices = columns.filter((column) => !column.fixed)
  if (choices.length < 2) return null
  return (
    <Popover position="bottom-end" shadow="md" trapFocus>
      <Popover.Target>
        <ActionIcon variant="default" size={30} aria-label={t('Columns')} title={t('Columns')}>
          <IconColumns3 size={16} stroke={1.6} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown mah={360} style={{ overflow: 'auto' }}>
        <Text size="xs" fw={600} c="dimmed" mb={6}>
          {t('Columns shown')}
        </Text>
        <Stack gap={6}>
          {choices.map(({ accessor, title }) => (
            <Checkbox
              key={accessor}
              size="xs"
              label={title}
              checked={!hidden.includes(accessor)}
              onChange={() => onToggle(accessor)}
            />
          ))}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
