import { Stack } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { t } from '@/lib/i18n'
import { useSession } from '@/lib/session'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { mine } from './auth'
import { AuthenticatorApp } from './security/AuthenticatorApp'
import { ChangePassword } from './security/ChangePassword'
import { Passkeys } from './security/Passkeys'
import { Profile } from './security/Profile'
import { RecoveryCodes } from './security/RecoveryCodes'
import { Sessions } from './security/Sessions'
import { useProof } from './security/proof'

/** One's own name, password, second factors and sessions. */
export function SecurityPage() {
  const { user } = useSession()
  const queries = useQueryClient()
  const found = useQuery({ queryKey: ['authenticators'], queryFn: mine.authenticators })
  const factors = found.data ?? []
  const app = factors.find((one) => one.type === 'totp')
  const passkeys = factors.filter((one) => one.type === 'webauthn')
  const codes = factors.find((one) => one.type === 'recovery_codes')
  const { run, dialog } = useProof(passkeys.length > 0, !!app)
  const changed = () => queries.invalidateQueries({ queryKey: ['authenticators'] })
  return (
    <>
      <PageHeader title={t('My security')} sub={user.email} />
      <Stack maw={760}>
        <Profile />
        <ChangePassword />
        {found.isError ? (
          <ErrorState error={found.error} onRetry={() => void found.refetch()} />
        ) : (
          <>
            <AuthenticatorApp app={app} run={run} onChanged={changed} />
            <Passkeys passkeys={passkeys} run={run} onChanged={changed} />
            {factors.length > 0 && <RecoveryCodes codes={codes} run={run} onChanged={changed} />}
          </>
        )}
        <Sessions />
      </Stack>
      {dialog}
    </>
  )
}
