import { Alert, Anchor, Button, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { password } from '../auth'
import { Frame } from './Frame'

type Props = { email: string; mail: boolean; onBack: () => void }

export function ForgottenStep({ email: first, mail, onBack }: Props) {
  const [email, setEmail] = useState(first)
  const ask = useMutation({ mutationFn: () => password.forgotten(email), meta: { quiet: true } })
  const back = (
    <Anchor component="button" type="button" size="sm" onClick={onBack}>
      {t('Back to sign in')}
    </Anchor>
  )
  if (!mail || ask.isSuccess)
    return (
      <Frame title={t('Forgotten password')}>
        <Alert color={mail ? 'green' : 'yellow'} role="status">
          {mail
            ? t('If {{email}} belongs to a user, a link to set a new password is on its way.', { email })
            : t('This installation sends no mail about accounts. Ask an administrator for a link to set a new password.')}
        </Alert>
        {back}
      </Frame>
    )
  return (
    <Frame title={t('Forgotten password')} sub={t('You get a link to set a new one.')} error={ask.error}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          ask.mutate()
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
          <Button type="submit" loading={ask.isPending}>
            {t('Send the link')}
          </Button>
        </Stack>
      </form>
      {back}
    </Frame>
  )
}
