import { Button, Skeleton, Stack } from '@mantine/core'
import { t } from '@/lib/i18n'
import { DisabledTip } from '@/ui/DisabledTip'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import type { State } from './model'
import { useVersions } from './queries'
import { VersionCard } from './VersionCard'

type Props = { state: State; reason: string | null; onTrain: () => void }

/** Every version, newest first. */
export function VersionsTab({ state, reason, onTrain }: Props) {
  const { data, error, refetch } = useVersions()
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton height={240} role="status" aria-label={t('Loading')} />
  if (!data.total)
    return (
      <EmptyState
        title={t('No version yet')}
        action={
          <DisabledTip reason={reason}>
            <Button onClick={onTrain}>{t('Train a version')}</Button>
          </DisabledTip>
        }
      >
        {t('A version learns from purchases, or from a file with one row a customer. Once deployed, its segments get their members.')}
      </EmptyState>
    )
  return (
    <Stack>
      {data.items.map((version) => (
        <VersionCard key={version.version} version={version} state={state} reason={reason} />
      ))}
    </Stack>
  )
}
