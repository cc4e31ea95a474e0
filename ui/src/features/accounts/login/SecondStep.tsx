import { Anchor, Button, Divider, Stack, TextInput } from '@mantine/core'
import { IconFingerprint } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { signIn } from '../auth'
import type { Factor, Pending } from '../model'
import { Frame } from './Frame'

type Props = { factors: Factor[]; onDone: (next: Pending) => void; onBack: () => void }

/** The code of an authenticator app, a recovery code, or a passkey. */
export function SecondStep({ factors, onDone, onBack }: Props) {
  const [code, setCode] = useState('')
  const byApp = factors.includes('totp')
  const [recovery, setRecovery] = useState(!byApp)
  const send = useMutation({
    mutationFn: () => signIn.code(code),
    onSuccess: onDone,
    onError: () => setCode(''),
    meta: { quiet: true },
  })
  const passkey = useMutation({ mutationFn: signIn.secondPasskey, onSuccess: onDone, meta: { quiet: true } })
  const takesCodes = byApp || factors.includes('recovery_codes')
  return (
    <Frame
      title={t('One more step')}
      sub={
        takesCodes
          ? recovery
            ? t('Type one of your recovery codes; each works once.')
            : t('Type the code that your authenticator app shows.')
          : t('Use your passkey.')
      }
      error={passkey.error ?? send.error}
    >
      {takesCodes && (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            passkey.reset()
            send.mutate()
          }}
        >
          <Stack gap="sm">
            <TextInput
              key={String(recovery)}
              label={recovery ? t('Recovery code') : t('Code')}
              required
              autoFocus
              autoComplete="one-time-code"
              inputMode="numeric"
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
            <Button type="submit" loading={send.isPending}>
              {t('Continue')}
            </Button>
            {byApp && factors.includes('recovery_codes') && (
              <Anchor component="button" type="button" size="sm" onClick={() => setRecovery(!recovery)}>
                {recovery ? t('Use the authenticator app') : t('Use a recovery code')}
              </Anchor>
            )}
          </Stack>
        </form>
      )}
      {factors.includes('webauthn') && (
        <>
          {takesCodes && <Divider label={t('or')} />}
          <Button
            variant="default"
            leftSection={<IconFingerprint size={18} stroke={1.6} />}
            loading={passkey.isPending}
            onClick={() => passkey.mutate()}
          >
            {t('Use a passkey')}
          </Button>
        </>
      )}
      <Anchor component="button" type="button" size="sm" onClick={onBack}>
        {t('Sign in as somebody else')}
      </Anchor>
    </Frame>
  )
}
