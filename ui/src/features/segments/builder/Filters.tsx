import { ActionIcon, Button, Group, Select, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { t } from '@/lib/i18n'
import { behaviourIn, filterFor, firstValue, type Menu, type MenuField, type Narrowing } from '../model'
import { ValueEditor } from './ValueEditor'

type Props = { menu: Menu; behaviour: string; value: Narrowing[]; onChange: (value: Narrowing[]) => void }

const SUGGESTED = new Set(['item', 'category', 'outlet', 'campaign'])
const MOST = 4

/** Which purchases or events count. */
export function Filters({ menu, behaviour, value, onChange }: Props) {
  const { filters } = behaviourIn(menu, behaviour)
  const unused = filters.filter(({ key }) => !value.some(({ on }) => filterFor(filters, on)?.key === key))
  const set = (index: number, next: Narrowing) => onChange(value.map((one, at) => (at === index ? next : one)))
  return (
    <>
      {value.map((one, index) => {
        const known = filterFor(filters, one.on)
        const operator = known?.operators.find(({ key }) => key === (one.operator ?? 'is')) ?? known?.operators[0]
        const isProperty = !!known?.key.endsWith(':')
        const field: MenuField = {
          key: one.on, label: known?.label ?? one.on, type: 'text', group: '', options: [],
          suggests: SUGGESTED.has(one.on), operators: known?.operators ?? [],
        }
        const begin = (on: string) => {
          const first = filterFor(filters, on)?.operators[0]
          set(index, { on, operator: first?.key ?? 'is', value: first ? firstValue(first.shape) : '' })
        }
        return (
          <Group key={known?.key ?? one.on} gap={6}>
            <Select
              size="xs"
              w={108}
              aria-label={t('Narrowed by')}
              data={[...unused, ...(known ? [known] : [])].map(({ key, label }) => ({ value: key, label }))}
              value={known?.key ?? null}
              onChange={(on) => on && begin(on)}
              allowDeselect={false}
            />
            {isProperty && known && (
              <TextInput
                size="xs"
                w={120}
                aria-label={t('Name of the property')}
                placeholder={t('Name')}
                value={one.on.slice(known.key.length)}
                onChange={(event) => set(index, { ...one, on: known.key + event.currentTarget.value })}
              />
            )}
            {field.operators.length > 1 && (
              <Select
                size="xs"
                w={130}
                aria-label={t('Operator of {{field}}', { field: field.label })}
                data={field.operators.map(({ key, label }) => ({ value: key, label }))}
                value={operator?.key ?? null}
                onChange={(key) => {
                  const shape = field.operators.find((each) => each.key === key)?.shape
                  if (key && shape)
                    set(index, { ...one, operator: key, value: shape === operator?.shape ? one.value : firstValue(shape) })
                }}
                allowDeselect={false}
              />
            )}
            {operator && (
              <ValueEditor
                key={`${known?.key} ${operator.shape}`}
                field={field}
                shape={operator.shape}
                units={menu.units}
                value={one.value}
                onChange={(next) => set(index, { ...one, value: next })}
              />
            )}
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('Count all again')}
              onClick={() => onChange(value.filter((_, at) => at !== index))}
            >
              <IconX size={14} />
            </ActionIcon>
          </Group>
        )
      })}
      {unused[0] && value.length < MOST && (
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconPlus size={12} />}
          onClick={() => onChange([...value, { on: unused[0]!.key, operator: unused[0]!.operators[0]?.key ?? 'is', value: firstValue(unused[0]!.operators[0]?.shape ?? 'text') }])}
        >
          {t('Only some')}
        </Button>
      )}
    </>
  )
}
