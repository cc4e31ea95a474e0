import { Alert, Center, Loader } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { t } from '@/lib/i18n'
import { sessionQuery } from '@/lib/session'
import { ErrorState } from '@/ui/ErrorState'
import { password, signIn } from './auth'
import { ForgottenStep } from './login/ForgottenStep'
import { Frame } from './login/Frame'
import { NewPassword } from './login/NewPassword'
import { PasswordStep } from './login/PasswordStep'
import { SecondStep } from './login/SecondStep'
import { type Pending, safeNext } from './model'
import { signInQuery } from './queries'

type Step = Pending | { kind: 'forgotten'; email: string } | { kind: 'must-change' }

/** Password, then what else is asked for; then where one wanted to go. */
export function LoginPage() {
  const { next, done } = useSearch({ from: '/login' })
  const queries = useQueryClient()
  const about = useQuery(signInQuery)
  const state = useQuery({ queryKey: ['sign-in-state'], queryFn: signIn.state, staleTime: Infinity, gcTime: 0 })
  const [chosen, setStep] = useState<Step | null>(null)
  const step: Step | undefined = chosen ?? state.data

  const enter = useMutation({
    mutationFn: () => queries.fetchQuery({ ...sessionQuery, staleTime: 0 }),
    onSuccess: (session) => {
      if (session.must_change_password) setStep({ kind: 'must-change' })
      else window.location.assign(safeNext(next, window.location.origin))
    },
    meta: { quiet: true },
  })
  const change = useMutation({
    mutationFn: ({ fresh, current }: { fresh: string; current: string }) => password.change(current, fresh),
    onSuccess: () => enter.mutate(),
    meta: { quiet: true },
  })
  const go = enter.mutate
  useEffect(() => {
    if (step?.kind === 'in') go()
  }, [step?.kind, go])

  const back = () => {
    void signIn.leave().finally(() => setStep({ kind: 'password' }))
  }

  if (enter.error)
    return (
      <Center mih="100vh">
        <ErrorState page error={enter.error} onRetry={go} />
      </Center>
    )
  switch (step?.kind) {
    case 'password':
      return (
        <>
          {done && (
            <Alert color="green" role="status" m="md" pos="absolute" w="calc(100% - 2 * var(--mantine-spacing-md))">
              {t('Your new password is set. Sign in with it.')}
            </Alert>
          )}
          <PasswordStep
            organisation={about.data?.organisation}
            onDone={setStep}
            onForgotten={(email) => setStep({ kind: 'forgotten', email })}
          />
        </>
      )
    case 'second':
      return <SecondStep factors={step.factors} onDone={setStep} onBack={back} />
    case 'forgotten':
      return (
        <ForgottenStep
          email={step.email}
          mail={about.data?.mail ?? true}
          onBack={() => setStep({ kind: 'password' })}
        />
      )
    case 'must-change':
      return (
        <Frame
          title={t('Choose your own password')}
          sub={t('The one you signed in with works only once.')}
          error={change.error}
        >
          <NewPassword
            current
            busy={change.isPending || enter.isPending}
            action={t('Set the password')}
            onSave={(fresh, current) => change.mutate({ fresh, current })}
          />
        </Frame>
      )
    default:
      return (
        <Center mih="100vh">
          <Loader />
        </Center>
      )
  }
}
