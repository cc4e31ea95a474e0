import { Button, Code, Group, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api, sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { CopyButton } from '@/ui/CopyButton'
import { confirm } from '@/ui/confirm'
import { Section } from '@/ui/Section'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime } from '@/ui/Time'
import { type Authenticator, mine } from '../auth'
import { grouped } from '../model'

export type FactorProps = { run: <T>(work: () => Promise<T>) => Promise<T>; onChanged: () => Promise<unknown> }
type Qr = { size: number; path: string }
type Setup = { secret: string; qr: Qr }

/** Codes that change every 30 seconds (TOTP): set up by scanning, confirmed with a first code. */
export function AuthenticatorApp({ app, run, onChanged }: FactorProps & { app: Authenticator | undefined }) {
  const [setup, setSetup] = useState<Setup | null>(null)
  const [code, setCode] = useState('')
  const start = useMutation({
    mutationFn: async (): Promise<Setup> => {
      const { secret } = await run(mine.totpSecret)
      return { secret, qr: await api.get<Qr>('/api/profile/totp-qr') }
    },
    onSuccess: setSetup,
  })
  const add = useMutation({
    mutationFn: () => run(() => mine.addTotp(code)),
    onSuccess: async () => {
      setSetup(null)
      setCode('')
      await onChanged()
    },
    meta: { quiet: true },
  })
  const remove = useMutation({ mutationFn: () => run(mine.removeTotp), onSuccess: onChanged })
  const ask = async () => {
    const text = t('Signing in will not ask for its codes any more.')
    if (await confirm({ title: t('Remove the authenticator app?'), text, action: t('Remove'), danger: true }))
      remove.mutate()
  }
  return (
    <Section
      title={t('Authenticator app')}
      actions={
        app ? (
          <Button variant="default" onClick={() => void ask()} loading={remove.isPending}>
            {t('Remove')}
          </Button>
        ) : (
          !setup && (
            <Button variant="default" onClick={() => start.mutate()} loading={start.isPending}>
              {t('Set up')}
            </Button>
          )
        )
      }
    >
      {app && (
        <Group gap="sm">
          <StatusBadge status="active" label={t('On')} />
          <Text size="sm" c="dimmed">
            {t('since')} <DateTime value={app.created_at * 1000} />
          </Text>
        </Group>
      )}
      {!app && !setup && (
        <Text size="sm" c="dimmed">
          {t('Besides the password, signing in asks for a code that an app on your phone shows.')}
        </Text>
      )}
      {setup && !app && (
        <Group align="flex-start" gap="lg">
          <QrCode {...setup.qr} />
          <Stack gap="sm" flex="1 1 240px">
            <Text size="sm">{t('Scan this with your authenticator app, or type the secret into it:')}</Text>
            <Group gap={4}>
              <Code data-testid="totp-secret">{grouped(setup.secret)}</Code>
              <CopyButton value={setup.secret} label={t('Copy the secret')} />
            </Group>
            <form
              onSubmit={(event) => {
                event.preventDefault()
                add.mutate()
              }}
            >
              <Group align="flex-end" gap="xs">
                <TextInput
                  label={t('Code that the app shows')}
                  required
                  autoComplete="one-time-code"
                  inputMode="numeric"
                  value={code}
                  error={add.error && sentence(add.error)}
                  onChange={(event) => setCode(event.currentTarget.value)}
                />
                <Button type="submit" loading={add.isPending}>
                  {t('Turn on')}
                </Button>
              </Group>
            </form>
          </Stack>
        </Group>
      )}
    </Section>
  )
}

/** Always dark on white, with its quiet zone: scanners need that in the dark scheme too. */
const QrCode = ({ size, path }: Qr) => (
  <svg
    role="img"
    aria-label={t('QR code for the authenticator app')}
    viewBox={`-4 -4 ${size + 8} ${size + 8}`}
    width={192}
    height={192}
    shapeRendering="crispEdges"
    style={{ background: '#fff', borderRadius: 4 }}
  >
    <path d={path} fill="#000" />
  </svg>
)
