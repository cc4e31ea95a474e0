import { Button, Divider, Modal, PasswordInput, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { asksAgain, reauthenticate } from '../auth'

type Asked = { resolve: () => void; reject: (error: Error) => void }

/** Runs what changes security settings; when the server wants to see once more that it is you, asks and tries again. */
export function useProof(hasPasskey: boolean, hasApp: boolean) {
  const [asked, setAsked] = useState<Asked | null>(null)
  const run = async <T,>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      if (!asksAgain(error)) throw error
      await new Promise<void>((resolve, reject) => setAsked({ resolve, reject }))
      return work()
    }
  }
  const dialog = asked && (
    <Proof
      hasApp={hasApp}
      hasPasskey={hasPasskey}
      onDone={() => {
        setAsked(null)
        asked.resolve()
      }}
      onClose={() => {
        setAsked(null)
        asked.reject(new Error(t('Nothing was changed: you did not confirm that it is you.')))
      }}
    />
  )
  return { run, dialog }
}

type Props = { hasApp: boolean; hasPasskey: boolean; onDone: () => void; onClose: () => void }

function Proof({ hasApp, hasPasskey, onDone, onClose }: Props) {
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const prove = useMutation({
    mutationFn: (way: 'password' | 'code' | 'passkey') => {
      if (way === 'passkey') return reauthenticate.passkey()
      return way === 'code' ? reauthenticate.code(code) : reauthenticate.password(password)
    },
    onSuccess: onDone,
    meta: { quiet: true },
  })
  return (
    <Modal opened onClose={onClose} title={t('Is it still you?')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          prove.mutate(code && !password ? 'code' : 'password')
        }}
      >
        <Stack gap="sm">
          <Text size="sm">{t('You signed in a while ago. Confirm before security settings change.')}</Text>
          <PasswordInput
            label={t('Your password')}
            data-autofocus
            autoComplete="current-password"
            value={password}
            error={prove.error && sentence(prove.error)}
            onChange={(event) => setPassword(event.currentTarget.value)}
            visibilityToggleButtonProps={{ 'aria-label': t('Show or hide') }}
          />
          {hasApp && (
            <TextInput
              label={t('or the code of your authenticator app')}
              autoComplete="one-time-code"
              inputMode="numeric"
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
          )}
          <Button type="submit" loading={prove.isPending}>
            {t('Confirm')}
          </Button>
          {hasPasskey && (
            <>
              <Divider label={t('or')} />
              <Button variant="default" onClick={() => prove.mutate('passkey')}>
                {t('Use a passkey')}
              </Button>
            </>
          )}
        </Stack>
      </form>
    </Modal>
  )
}
