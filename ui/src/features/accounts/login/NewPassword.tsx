import { Button, PasswordInput, Stack } from '@mantine/core'
import { useState } from 'react'
import { t } from '@/lib/i18n'

type Props = { current?: boolean; busy: boolean; action: string; onSave: (fresh: string, current: string) => void }

/** A new password typed twice, with the present one when `current`. */
export function NewPassword({ current, busy, action, onSave }: Props) {
  const [now, setNow] = useState('')
  const [fresh, setFresh] = useState('')
  const [again, setAgain] = useState('')
  const [differ, setDiffer] = useState(false)
  const toggle = { 'aria-label': t('Show or hide') }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        setDiffer(fresh !== again)
        if (fresh === again) onSave(fresh, now)
      }}
    >
      <Stack gap="sm">
        {current && (
          <PasswordInput
            label={t('Present password')}
            autoComplete="current-password"
            required
            value={now}
            onChange={(event) => setNow(event.currentTarget.value)}
            visibilityToggleButtonProps={toggle}
          />
        )}
        <PasswordInput
          label={t('New password')}
          description={t('At least 12 characters; a few words are easiest.')}
          autoComplete="new-password"
          required
          value={fresh}
          onChange={(event) => setFresh(event.currentTarget.value)}
          visibilityToggleButtonProps={toggle}
        />
        <PasswordInput
          label={t('New password again')}
          autoComplete="new-password"
          required
          value={again}
          error={differ && again !== fresh && t('The two are not the same.')}
          onChange={(event) => setAgain(event.currentTarget.value)}
          visibilityToggleButtonProps={toggle}
        />
        <Button type="submit" loading={busy} style={{ alignSelf: 'flex-start' }}>
          {action}
        </Button>
      </Stack>
    </form>
  )
}
