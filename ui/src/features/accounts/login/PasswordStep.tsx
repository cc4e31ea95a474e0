import { Anchor, Button, Divider, PasswordInput, Stack, TextInput } from '@mantine/core'
import { IconFingerprint } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { DisabledTip } from '@/ui/DisabledTip'
import { signIn } from '../auth'
import { type Pending, passkeyObstacle } from '../model'
import { Frame } from './Frame'

type Props = { organisation?: string; onDone: (next: Pending) => void; onForgotten: (email: string) => void }

export function PasswordStep({ organisation, onDone, onForgotten }: Props) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const enter = useMutation({
    mutationFn: () => signIn.password(email, password),
    onSuccess: onDone,
    onError: () => setPassword(''),
    meta: { quiet: true },
  })
  const passkey = useMutation({ mutationFn: signIn.passkey, onSuccess: onDone, meta: { quiet: true } })
  const { hostname, port } = window.location
  return (
    <Frame title={t('Sign in')} sub={organisation} error={passkey.error ?? enter.error}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          passkey.reset()
          enter.mutate()
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={t('Email')}
            type="email"
            autoComplete="username"
            required
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label={t('Password')}
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ 'aria-label': t('Show or hide') }}
          />
          <Button type="submit" loading={enter.isPending} mt="xs">
            {t('Sign in')}
          </Button>
          <Anchor component="button" type="button" size="sm" onClick={() => onForgotten(email)}>
            {t('Forgotten password?')}
          </Anchor>
        </Stack>
      </form>
      <Divider label={t('or')} />
      <DisabledTip reason={passkeyObstacle(hostname, window.isSecureContext, port)}>
        <Button
          variant="default"
          leftSection={<IconFingerprint size={18} stroke={1.6} />}
          loading={passkey.isPending}
          onClick={() => passkey.mutate()}
        >
          {t('Sign in with a passkey')}
        </Button>
      </DisabledTip>
    </Frame>
  )
}
