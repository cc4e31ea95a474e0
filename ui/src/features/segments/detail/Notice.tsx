import { Alert, Button, Group, Loader, Progress, Text } from '@mantine/core'
import { formatDateTime } from '@/lib/dates'
import { t } from '@/lib/i18n'
import { useLevel } from '@/lib/session'
import type { Segment } from '../model'
import { useVerbs } from '../verbs'

/** Why it cannot be used now, how far it is, what serves meanwhile, and how to try again. */
export function Notice({ segment }: { segment: Segment }) {
  const { recalculate, cancel, isPending } = useVerbs(segment)
  const { ready, archived, status, reason, version, latest, allowed } = segment
  const seesAll = useLevel('customers_view') === 'all'
  if (ready || archived) return null
  const isWaiting = status === 'queued' || status === 'building'
  const color = isWaiting ? 'blue' : status === 'failed' ? 'red' : 'yellow'
  return (
    <Alert color={color} mb="md" role="status" icon={isWaiting ? <Loader size={18} /> : undefined}>
      <Group justify="space-between" gap="sm" align="flex-start">
        <div>
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {reason}
          </Text>
          <Text size="sm">
            {isWaiting &&
              (status === 'building' && latest?.created_at
                ? t('It has been calculated since {{at}}. ', { at: formatDateTime(latest.created_at) })
                : t('It is next in the queue. '))}
            {version
              ? t('Version {{number}} still serves.', { number: version.number })
              : t('There are no numbers until then.')}
          </Text>
        </div>
        {allowed.edit && (status !== 'held' || seesAll) && (
          <Button size="xs" variant="default" loading={isPending} onClick={isWaiting ? cancel : recalculate}>
            {isWaiting ? t('Cancel recalculation') : status === 'failed' ? t('Retry') : t('Recalculate now')}
          </Button>
        )}
      </Group>
      {isWaiting && (
        <Progress
          mt="xs"
          size="sm"
          value={status === 'building' ? 66 : 10}
          animated
          aria-label={t('Recalculation')}
        />
      )}
    </Alert>
  )
}
