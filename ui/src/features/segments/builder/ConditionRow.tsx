import { ActionIcon, Box, Group, Select, Text } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useMemo } from 'react'
import type { RuleProps } from 'react-querybuilder'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import {
  BEHAVIOUR, CAMPAIGN, type Draft, fieldOf, type Menu, MOMENT, operatorOf, operatorsOf, removeCondition, SEGMENT, withField,
  withOperator,
} from '../model'
import { BehaviourEditor } from './BehaviourEditor'
import type { BuilderContext } from './context'
import { ValueEditor } from './ValueEditor'

function choices(menu: Menu) {
  const behaviours = menu.behaviours.map(({ key, label }) => ({ value: BEHAVIOUR + key, label }))
  const names = [...new Set(menu.fields.map(({ group }) => group))]
  const fields = names.map((group) => ({
    group,
    items: menu.fields.filter((field) => field.group === group).map(({ key, label }) => ({ value: key, label })),
  }))
  for (const { which, behaviour, label } of menu.moments?.choices ?? [])
    behaviours.push({ value: `${MOMENT}${which}:${behaviour}`, label })
  if (menu.campaigns) behaviours.push({ value: CAMPAIGN, label: t('Messages of a campaign') })
  if (menu.segments?.choices.length) behaviours.push({ value: SEGMENT, label: t('Another segment') })
  return [{ group: t('Behaviour'), items: behaviours }, ...fields]
}

/** One condition: field, operator, value, its own count, and what is wrong with it. */
export function ConditionRow({ rule, context }: RuleProps) {
  const { menu, draft, set, change, counts, errors } = context as BuilderContext
  const condition = rule as Draft
  const fields = useMemo(() => choices(menu), [menu])
  const behaves = condition.field.includes(':')
  const field = fieldOf(menu, condition)
  const operator = operatorOf(menu, condition)
  const operators = operatorsOf(menu, condition)
  const isGone = condition.field !== '' && !behaves && !field
  const error = errors[condition.id]
  return (
    <Box>
      <Group gap={6} align="flex-start" wrap="nowrap">
        <Group gap={6} flex={1} align="flex-start" miw={0}>
          <Select
            size="xs"
            w={{ base: '100%', xs: 190 }}
            aria-label={t('Field')}
            placeholder={t('Choose a field')}
            data={fields}
            value={isGone ? null : condition.field || null}
            onChange={(value) => value && change(withField(menu, condition, value))}
            searchable
            allowDeselect={false}
            error={isGone && t('This field was retired')}
            nothingFoundMessage={t('No such field')}
          />
          {operators.length > 0 && (
            <Select
              size="xs"
              w={{ base: '100%', xs: 150 }}
              aria-label={t('Operator')}
              data={operators.map(({ key, label }) => ({ value: key, label }))}
              value={condition.operator}
              onChange={(value) => value && change(withOperator(menu, condition, value))}
              allowDeselect={false}
            />
          )}
          {condition.field === SEGMENT ? (
            <Select
              size="xs"
              w={{ base: '100%', xs: 220 }}
              aria-label={t('Segment')}
              placeholder={t('Choose a segment')}
              data={(menu.segments?.choices ?? []).map(({ key, label }) => ({ value: key, label }))}
              value={condition.value as string | null}
              onChange={(value) => change({ ...condition, value })}
              searchable
              allowDeselect={false}
            />
          ) : behaves ? (
            <BehaviourEditor menu={menu} condition={condition} onChange={change} />
          ) : (
            field &&
            operator && (
              <ValueEditor
                key={`${field.key} ${operator.shape}`}
                field={field}
                shape={operator.shape}
                units={menu.units}
                value={condition.value}
                onChange={(value) => change({ ...condition, value })}
              />
            )
          )}
        </Group>
        <Text size="sm" ta="right" miw={52} pt={4} c="dimmed" title={t('Customers matched by this condition alone')}>
          {counts[condition.id] == null ? '' : formatNumber(counts[condition.id])}
        </Text>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('Remove condition')}
          onClick={() => set(removeCondition(draft, condition.id))}
        >
          <IconX size={16} stroke={1.6} />
        </ActionIcon>
      </Group>
      {error && (
        <Text size="xs" mt={2} c="var(--mantine-color-error)" role="alert">
          {error}
        </Text>
      )}
    </Box>
  )
}
