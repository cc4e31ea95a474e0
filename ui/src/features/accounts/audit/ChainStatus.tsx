import { Button, Group, Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { t } from '@/lib/i18n'
import { StatusBadge } from '@/ui/StatusBadge'
import { chainQuery } from '../queries'

/** Whether the trail is as it was written. */
export function ChainStatus() {
  const chain = useQuery(chainQuery)
  if (chain.isFetching)
    return (
      <Group gap={6}>
        <Loader size={14} /> {t('Checking that nothing was altered…')}
      </Group>
    )
  if (!chain.data) return t('The trail could not be checked.')
  const { ok, checked, reason } = chain.data
  return (
    <Group gap="sm">
      <StatusBadge status={ok ? 'verified' : 'error'} label={ok ? t('Unaltered') : t('Altered')} />
      <span>{ok ? t('{{count, number}} entries checked', { count: checked }) : reason}</span>
      <Button size="compact-xs" variant="subtle" onClick={() => void chain.refetch()}>
        {t('Check again')}
      </Button>
    </Group>
  )
}
