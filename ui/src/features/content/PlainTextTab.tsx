import { Alert, Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { t } from '@/lib/i18n'
import { VariablePicker } from './VariablePicker'

type Props = { text: string | null; generated: string; onChange: (text: string | null) => void; disabled: boolean }

/** The plain-text part: generated, or written by hand. */
export function PlainTextTab({ text, generated, onChange, disabled }: Props) {
  return (
    <Stack gap="xs">
      {text === null ? (
        <Alert variant="light" color="gray">
          <Group justify="space-between" gap="xs">
            <Text size="sm">{t('Made from the mail, and made again whenever it changes.')}</Text>
            <Button size="xs" variant="default" onClick={() => onChange(generated)} disabled={disabled || !generated}>
              {t('Write my own')}
            </Button>
          </Group>
        </Alert>
      ) : (
        <Group justify="space-between" gap="xs">
          <Text size="sm" c="dimmed">
            {t('Written by hand; changes of the mail do not reach it.')}
          </Text>
          {!disabled && (
            <Group gap="xs">
              <VariablePicker onPick={(liquid) => onChange(`${text}${liquid}`)} />
              <Button size="xs" variant="default" onClick={() => onChange(null)}>
                {t('Generate it again')}
              </Button>
            </Group>
          )}
        </Group>
      )}
      <Textarea
        aria-label={t('Plain text of the mail')}
        value={text ?? generated}
        readOnly={text === null || disabled}
        onChange={(event) => onChange(event.currentTarget.value)}
        autosize
        minRows={16}
        maxRows={30}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 } }}
      />
    </Stack>
  )
}
