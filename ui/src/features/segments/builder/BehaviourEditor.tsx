import { ActionIcon, Button, Group, NumberInput, Select, Text } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { t } from '@/lib/i18n'
import { BEHAVIOUR, type Behaviour, behaviourOf, type Draft, type Menu } from '../model'
import { SuggestedInput } from './Suggested'
import { useTyped } from './useTyped'
import { SpanEditor } from './ValueEditor'

type Props = { menu: Menu; condition: Draft; onChange: (condition: Draft) => void }

/** How often a customer purchased or did something, when, and which purchases count. */
export function BehaviourEditor({ menu, condition, onChange }: Props) {
  const value = behaviourOf(condition)
  const behaviour = menu.behaviours.find(({ key }) => BEHAVIOUR + key === condition.field)
  const set = (next: Partial<Behaviour>) => onChange({ ...condition, value: { ...value, ...next } })
  const [times, type] = useTyped(value.times, (next) => set({ times: next }))
  const unused = behaviour?.narrowed_by.filter(({ key }) => !value.filters.some(({ on }) => on === key)) ?? []
  const setFilter = (index: number, next: Partial<Behaviour['filters'][number]>) =>
    set({ filters: value.filters.map((one, at) => (at === index ? { ...one, ...next } : one)) })
  return (
    <>
      <Group gap={6} wrap="nowrap">
        <NumberInput
          size="xs"
          w={72}
          aria-label={t('Times')}
          min={condition.operator === 'at_least' ? 1 : 0}
          allowDecimal={false}
          allowNegative={false}
          value={times ?? ''}
          onChange={(next) => type(typeof next === 'number' ? next : null)}
        />
        <Text size="sm">{t('times')}</Text>
      </Group>
      {behaviour?.key === 'did' && (
        <SuggestedInput on="event" label={t('Event')} value={value.event} onChange={(event) => set({ event })} />
      )}
      <Group gap={6} wrap="nowrap">
        <Select
          size="xs"
          w={104}
          aria-label={t('When')}
          data={[
            { value: 'last', label: t('in the last') },
            { value: 'ever', label: t('ever') },
          ]}
          value={value.window ? 'last' : 'ever'}
          onChange={(when) => set({ window: when === 'last' ? { count: 365, unit: 'days' } : null })}
          allowDeselect={false}
        />
        {value.window && (
          <SpanEditor
            label={t('Window')}
            units={menu.units}
            value={value.window}
            onChange={(window) => set({ window })}
          />
        )}
      </Group>
      {value.filters.map((filter, index) => (
        <Group key={filter.on} gap={6} wrap="nowrap">
          <Select
            size="xs"
            w={108}
            aria-label={t('Narrowed by')}
            data={[...(behaviour?.narrowed_by ?? [])]
              .filter(({ key }) => key === filter.on || unused.some((one) => one.key === key))
              .map(({ key, label }) => ({ value: key, label }))}
            value={filter.on}
            onChange={(on) => on && setFilter(index, { on, value: '' })}
            allowDeselect={false}
          />
          <SuggestedInput
            key={filter.on}
            on={filter.on}
            label={t('Which {{what}}', { what: filter.on })}
            value={filter.value}
            onChange={(next) => setFilter(index, { value: next })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('Count all again')}
            onClick={() => set({ filters: value.filters.filter((_, at) => at !== index) })}
          >
            <IconX size={14} />
          </ActionIcon>
        </Group>
      ))}
      {unused[0] && (
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconPlus size={12} />}
          onClick={() => set({ filters: [...value.filters, { on: unused[0]!.key, value: '' }] })}
        >
          {t('Only some')}
        </Button>
      )}
    </>
  )
}
