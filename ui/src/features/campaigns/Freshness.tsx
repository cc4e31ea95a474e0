import { Text } from '@mantine/core'
import { useInterval } from '@mantine/hooks'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import type { LiveState } from '@/lib/live'
import { behind } from './model'

/** How far behind the numbers are, and whether they come by themselves. */
export function Freshness({ asOf, state }: { asOf: string | null | undefined; state: LiveState }) {
  const [now, setNow] = useState(Date.now)
  useInterval(() => setNow(Date.now()), 1000, { autoInvoke: true })
  const seconds = behind(asOf, now)
  const isLive = state === 'live'
  return (
    <Text span size="sm" c="dimmed" data-live={state}>
      <svg width={8} height={8} aria-hidden style={{ marginRight: 5 }}>
        <circle cx={4} cy={4} r={4} fill={`var(--mantine-color-${isLive ? 'green' : 'yellow'}-6)`} />
      </svg>
      {isLive ? t('Live') : t('Reconnecting')}
      {seconds !== null && ` · ${t('{{seconds, number}} s behind', { seconds })}`}
    </Text>
  )
}
