import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { DisabledTip } from '@/ui/DisabledTip'
import { Section } from '@/ui/Section'
import { RelativeTime } from '@/ui/Time'
import { type Authenticator, mine } from '../auth'
import { passkeyObstacle } from '../model'
import type { FactorProps } from './AuthenticatorApp'

/** Passkeys: sign in without a password, or as the second step after it. */
export function Passkeys({ passkeys, run, onChanged }: FactorProps & { passkeys: Authenticator[] }) {
  const [name, setName] = useState('')
  const add = useMutation({
    mutationFn: () => run(() => mine.addPasskey(name.trim() || t('Passkey'))),
    onSuccess: async () => {
      setName('')
      await onChanged()
    },
    meta: { quiet: true },
  })
  const remove = useMutation({ mutationFn: (id: number) => run(() => mine.removePasskey(id)), onSuccess: onChanged })
  const ask = async ({ id, name }: Authenticator) => {
    const title = t('Remove the passkey {{name}}?', { name })
    const text = t('It will not open CEAP any more. Also delete it from the device that keeps it.')
    if (id !== undefined && (await confirm({ title, text, action: t('Remove'), danger: true }))) remove.mutate(id)
  }
  const { hostname, port } = window.location
  return (
    <Section title={t('Passkeys')}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t('Sign in with your fingerprint, face, PIN or a security key; nothing to type, nothing to steal.')}
        </Text>
        {passkeys.map((one) => (
          <Group key={one.id} justify="space-between" gap="xs">
            <Text fw={500}>{one.name}</Text>
            <Group gap="sm">
              <Text size="sm" c="dimmed">
                {one.last_used_at ? t('used') : t('added')}{' '}
                <RelativeTime value={(one.last_used_at ?? one.created_at) * 1000} />
              </Text>
              <Button size="compact-sm" variant="subtle" c="var(--mantine-color-error)" onClick={() => void ask(one)}>
                {t('Remove')}
              </Button>
            </Group>
          </Group>
        ))}
        <form
          onSubmit={(event) => {
            event.preventDefault()
            add.mutate()
          }}
        >
          <Group align="flex-end" gap="xs">
            <TextInput
              label={t('Name of a new passkey')}
              placeholder={t('Work laptop')}
              maxLength={60}
              value={name}
              error={add.error && sentence(add.error)}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <DisabledTip reason={passkeyObstacle(hostname, window.isSecureContext, port)}>
              <Button type="submit" variant="default" loading={add.isPending}>
                {t('Add passkey')}
              </Button>
            </DisabledTip>
          </Group>
        </form>
      </Stack>
    </Section>
  )
}
