import { Button, Center, Loader } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { password } from './auth'
import { Frame } from './login/Frame'
import { NewPassword } from './login/NewPassword'

/** Where links of invitations and forgotten passwords lead. */
export function SetPasswordPage() {
  const { key } = useParams({ from: '/login/set-password/$key' })
  const navigate = useNavigate()
  const valid = useQuery({ queryKey: ['reset-key', key], queryFn: () => password.check(key), retry: false })
  const save = useMutation({
    mutationFn: (fresh: string) => password.reset(key, fresh),
    onSuccess: () => navigate({ to: '/login', search: { done: true } }),
    meta: { quiet: true },
  })
  if (valid.isPending)
    return (
      <Center mih="100vh">
        <Loader />
      </Center>
    )
  if (valid.isError)
    return (
      <Frame
        title={t('This link does not work any more')}
        sub={t('It was used already, or it is too old. Ask for a new one.')}
      >
        <Button component={Link} to="/login">
          {t('Go to sign in')}
        </Button>
      </Frame>
    )
  return (
    <Frame title={t('Choose a password')} error={save.error}>
      <NewPassword busy={save.isPending} action={t('Set the password')} onSave={(fresh) => save.mutate(fresh)} />
    </Frame>
  )
}
