import { Alert, Group, PasswordInput, Stack } from '@mantine/core'
import { t } from '@/lib/i18n'
import { CopyButton } from './CopyButton'

type Props = { label: string; value: string; warning?: string }

/** A secret that is shown once, hidden until asked for. */
export function SecretReveal({ label, value, warning }: Props) {
  return (
    <Stack gap="xs">
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <PasswordInput
          flex={1}
          readOnly
          label={label}
          value={value}
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': t('Show or hide') }}
          styles={{ innerInput: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
          onFocus={(event) => event.currentTarget.select()}
        />
        <CopyButton value={value} label={t('Copy {{label}}', { label })} />
      </Group>
      <Alert color="yellow" p="xs">
        {warning ?? t('Keep it somewhere safe now: it will not be shown again.')}
      </Alert>
    </Stack>
  )
}
