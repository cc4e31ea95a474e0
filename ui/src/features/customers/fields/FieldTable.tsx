import { ActionIcon, Group, Table, Text } from '@mantine/core'
import { IconGripVertical } from '@tabler/icons-react'
import { type KeyboardEvent, type ReactNode, useState } from 'react'
import { t } from '@/lib/i18n'
import type { Field } from '../model'
import { TYPES } from '@/lib/fieldTypes'

type Props = {
  label: string
  fields: Field[]
  /** Names of roles by key. */
  roles: Map<string, string>
  /** What can be done with one. */
  children: (field: Field, index: number) => ReactNode
  /** Where rows may be put in another order, by dragging or with the arrow keys. */
  onMove?: (from: number, to: number) => void
}

const STEPS: Record<string, number> = { ArrowUp: -1, ArrowDown: 1 }

/** Fields with their keys, types and who sees them. */
export function FieldTable({ label, fields, roles, children, onMove }: Props) {
  const [dragged, drag] = useState<number | null>(null)
  const [over, hover] = useState<number | null>(null)
  const drop = () => {
    if (onMove && dragged != null && over != null && dragged !== over) onMove(dragged, over)
    drag(null)
    hover(null)
  }
  const press = (event: KeyboardEvent, index: number) => {
    const to = index + (STEPS[event.key] ?? 0)
    if (to === index) return
    event.preventDefault()
    if (to >= 0 && to < fields.length) onMove?.(index, to)
  }
  return (
    <Table.ScrollContainer minWidth={320} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': label, role: 'group' } }}>
      <Table aria-label={label} verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            {onMove && <Table.Th w={36} aria-label={t('Order')} />}
            <Table.Th>{t('Label')}</Table.Th>
            <Table.Th visibleFrom="sm">{t('Key')}</Table.Th>
            <Table.Th>{t('Type')}</Table.Th>
            <Table.Th visibleFrom="sm">{t('Seen by')}</Table.Th>
            <Table.Th ta="right">{t('Actions')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {fields.map((field, index) => (
            <Table.Tr
              key={field.key}
              onDragOver={onMove && ((event) => { event.preventDefault(); hover(index) })}
              onDrop={onMove && ((event) => { event.preventDefault(); drop() })}
              bg={dragged != null && over === index ? 'var(--mantine-color-default-hover)' : undefined}
            >
              {onMove && (
                <Table.Td>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    draggable
                    style={{ cursor: 'grab' }}
                    aria-label={t('Move {{label}}: drag it, or press the up and down arrow keys', { label: field.label })}
                    onDragStart={(event) => { event.dataTransfer.setData('text/plain', field.key); drag(index) }}
                    onDragEnd={() => { drag(null); hover(null) }}
                    onKeyDown={(event) => press(event, index)}
                  >
                    <IconGripVertical size={16} />
                  </ActionIcon>
                </Table.Td>
              )}
              <Table.Td>
                {field.label}
                {field.roles.length > 0 && <Text size="xs" c="dimmed" hiddenFrom="sm">{t('Seen by {{roles}}', { roles: seenBy(field, roles) })}</Text>}
                {field.options.length > 0 && <Text size="xs" c="dimmed" lineClamp={1}>{field.options.join(', ')}</Text>}
              </Table.Td>
              <Table.Td visibleFrom="sm"><Text size="sm" ff="monospace">{field.key}</Text></Table.Td>
              <Table.Td><Text size="sm">{t(TYPES.get(field.type) ?? field.type)}</Text></Table.Td>
              <Table.Td visibleFrom="sm"><Text size="sm">{seenBy(field, roles)}</Text></Table.Td>
              <Table.Td><Group gap={4} justify="flex-end" wrap="nowrap">{children(field, index)}</Group></Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function seenBy({ roles }: Field, names: Map<string, string>): string {
  if (roles.length === 0) return t('Everybody')
  const others = roles.filter((key) => key !== 'administrator').map((key) => names.get(key) ?? key)
  return others.length > 0 ? others.join(', ') : t('Administrators only')
}
