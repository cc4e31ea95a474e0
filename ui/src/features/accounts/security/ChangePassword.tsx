import { Alert, Button, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { Section } from '@/ui/Section'
import { password } from '../auth'
import { NewPassword } from '../login/NewPassword'

export function ChangePassword() {
  const queries = useQueryClient()
  const [open, setOpen] = useState(false)
  const change = useMutation({
    mutationFn: ({ fresh, current }: { fresh: string; current: string }) => password.change(current, fresh),
    onSuccess: async () => {
      setOpen(false)
      notifications.show({ message: t('Your password is changed; other sessions have ended.') })
      await queries.invalidateQueries({ queryKey: ['sessions'] })
    },
    meta: { quiet: true },
  })
  return (
    <Section
      title={t('Password')}
      actions={
        !open && (
          <Button variant="default" onClick={() => setOpen(true)}>
            {t('Change password')}
          </Button>
        )
      }
    >
      {open ? (
        <Stack maw={360}>
          {change.error && (
            <Alert color="red" role="alert">
              {sentence(change.error)}
            </Alert>
          )}
          <NewPassword
            current
            busy={change.isPending}
            action={t('Set the password')}
            onSave={(fresh, current) => change.mutate({ fresh, current })}
          />
        </Stack>
      ) : (
        <Text size="sm" c="dimmed">
          {t('A new password ends all your other sessions.')}
        </Text>
      )}
    </Section>
  )
}
