import { Button, Group, Paper, Text } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { useBlocker } from '@tanstack/react-router'
import { formatTime } from '@/lib/dates'
import { t } from '@/lib/i18n'
import { confirm } from './confirm'
import { DisabledTip } from './DisabledTip'

type Props = {
  dirty: boolean
  saving?: boolean
  onSave: () => void
  onDiscard: () => void
  /** When the draft was last kept: "Draft saved 10:42". */
  draftAt?: Date | null
  /** Why it cannot be saved now. */
  reason?: string | null
  label?: string
  /** What leaving it unsaved is called. */
  discardLabel?: string
}

/**
 * Shows only when there is something to save: Save (Ctrl+S), Discard, and a guard against leaving.
 * A page that leaves after saving navigates with `ignoreBlocker: true`.
 */
export function SaveBar({ dirty, saving, onSave, onDiscard, draftAt, reason, label = t('Save'), discardLabel = t('Discard') }: Props) {
  const save = () => {
    if (dirty && !saving && !reason) onSave()
  }
  useHotkeys([['mod+S', save]], [])
  useBlocker({
    disabled: !dirty,
    enableBeforeUnload: dirty,
    shouldBlockFn: async ({ current, next }) =>
      current.pathname !== next.pathname &&
      !(await confirm({
        title: t('Leave without saving?'),
        text: t('What you changed on this page is not saved yet.'),
        action: t('Leave'),
        danger: true,
      })),
  })
  if (!dirty) return null
  return (
    <Paper shadow="md" px="md" py="xs" mt="md" pos="sticky" bottom={12} style={{ zIndex: 10 }} role="region" aria-label={t('Unsaved changes')}>
      <Group gap="xs" justify="flex-end">
        <Text size="sm" c="dimmed" mr="auto">
          {draftAt ? t('Draft saved {{time}}', { time: formatTime(draftAt) }) : t('Unsaved changes')}
        </Text>
        <Button variant="default" onClick={onDiscard}>
          {discardLabel}
        </Button>
        <DisabledTip reason={reason}>
          <Button onClick={save} loading={saving} title="Ctrl+S">
            {label}
          </Button>
        </DisabledTip>
      </Group>
    </Paper>
  )
}
