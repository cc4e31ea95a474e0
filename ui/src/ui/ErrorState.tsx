import { Button } from '@mantine/core'
import { IconAlertTriangle, IconLock, IconSearchOff } from '@tabler/icons-react'
import { ApiProblem, sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { EmptyState } from './EmptyState'

type Props = { error: unknown; onRetry?: () => void; page?: boolean }

/** Why something cannot be shown: no permission, gone, or failed (then with a way to try again). */
export function ErrorState({ error, onRetry, page }: Props) {
  const status = error instanceof ApiProblem ? error.status : 0
  if (status === 403) return <NoPermission page={page} />
  if (status === 404)
    return (
      <EmptyState page={page} icon={IconSearchOff} title={t('This does not exist')}>
        {sentence(error)}
      </EmptyState>
    )
  return (
    <EmptyState
      page={page}
      icon={IconAlertTriangle}
      title={t('This could not be loaded')}
      action={
        onRetry && (
          <Button variant="default" onClick={onRetry}>
            {t('Try again')}
          </Button>
        )
      }
    >
      {sentence(error)}
    </EmptyState>
  )
}

export const NoPermission = ({ page }: { page?: boolean }) => (
  <EmptyState page={page} icon={IconLock} title={t('Your role does not include this')}>
    {t('An administrator can change what your role may see under Settings → Users & roles.')}
  </EmptyState>
)
