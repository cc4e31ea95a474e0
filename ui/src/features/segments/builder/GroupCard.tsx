import { ActionIcon, Button, Group, Paper, SegmentedControl, Stack, Text } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import type { RuleGroupProps } from 'react-querybuilder'
import { t } from '@/lib/i18n'
import { DisabledTip } from '@/ui/DisabledTip'
import {
  addCondition, addGroup, conditionLimit, type DraftGroup, groupLimit, type Join, removeGroup, setJoin,
} from '../model'
import type { BuilderContext } from './context'

/** The whole rule at the root, else one group with its bracket. */
export function GroupCard(props: RuleGroupProps) {
  return props.path.length === 0 ? <Root {...props} /> : <OneGroup {...props} />
}

type JoinProps = { label: string; value: Join; onChange: (join: Join) => void }

const JoinSwitch = ({ label, value, onChange }: JoinProps) => (
  <SegmentedControl
    size="xs"
    aria-label={label}
    value={value}
    onChange={(next) => onChange(next as Join)}
    data={[
      { value: 'and', label: t('AND') },
      { value: 'or', label: t('OR') },
    ]}
  />
)

function Root({ schema, actions, translations, context }: RuleGroupProps) {
  const { menu, draft, set } = context as BuilderContext
  const Part = schema.controls.ruleGroup
  const limit = groupLimit(menu, draft)
  return (
    <Stack gap="sm">
      {draft.rules.map((group, index) => (
        <Stack key={group.id} gap="sm">
          {index > 0 && (
            <Group justify="center">
              <JoinSwitch
                label={t('Between the groups')}
                value={draft.combinator}
                onChange={(join) => set(setJoin(draft, draft.id, join))}
              />
            </Group>
          )}
          <Part
            id={group.id}
            path={[index]}
            ruleGroup={group as never}
            schema={schema}
            actions={actions}
            translations={translations}
            context={context}
          />
        </Stack>
      ))}
      <Group gap="xs">
        <DisabledTip reason={limit}>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} />}
            onClick={() => set(addGroup(draft))}
          >
            {t('Add group')}
          </Button>
        </DisabledTip>
        <Text size="xs" c="dimmed">
          {t('{{used}} of {{most}} groups', { used: draft.rules.length, most: menu.limits.groups })}
          {limit && ` · ${t('limit reached')}`}
        </Text>
      </Group>
    </Stack>
  )
}

function OneGroup({ path, ruleGroup, schema, actions, translations, context }: RuleGroupProps) {
  const { menu, draft, set } = context as BuilderContext
  const group = ruleGroup as unknown as DraftGroup
  const Part = schema.controls.rule
  const limit = conditionLimit(menu, group)
  const name = t('Group {{number}}', { number: (path[0] ?? 0) + 1 })
  return (
    <Paper
      p="sm"
      withBorder
      role="group"
      aria-label={name}
      style={{ borderInlineStart: '3px solid var(--mantine-primary-color-filled)' }}
    >
      <Group justify="space-between" mb="xs">
        <Text fw={600} size="sm">
          {name}
        </Text>
        <Group gap="xs">
          {group.rules.length > 1 && (
            <JoinSwitch
              label={t('Between the conditions of {{name}}', { name })}
              value={group.combinator}
              onChange={(join) => set(setJoin(draft, group.id, join))}
            />
          )}
          {draft.rules.length > 1 && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('Remove {{name}}', { name })}
              onClick={() => set(removeGroup(draft, group.id))}
            >
              <IconTrash size={16} stroke={1.6} />
            </ActionIcon>
          )}
        </Group>
      </Group>
      <Stack gap="xs">
        {group.rules.map((condition, index) => (
          <Stack key={condition.id} gap={4}>
            {index > 0 && (
              <Text size="xs" c="dimmed" fw={600} tt="uppercase">
                {group.combinator}
              </Text>
            )}
            <Part
              id={condition.id}
              path={[...path, index]}
              rule={condition}
              schema={schema}
              actions={actions}
              translations={translations}
              context={context}
            />
          </Stack>
        ))}
      </Stack>
      <Group gap="xs" mt="sm">
        <DisabledTip reason={limit}>
          <Button
            variant="subtle"
            size="xs"
            leftSection={<IconPlus size={14} />}
            onClick={() => set(addCondition(draft, group.id))}
          >
            {t('Add condition')}
          </Button>
        </DisabledTip>
        <Text size="xs" c="dimmed">
          {t('{{used}} of {{most}} conditions', { used: group.rules.length, most: menu.limits.conditions })}
          {limit && ` · ${t('limit reached')}`}
        </Text>
      </Group>
    </Paper>
  )
}
