import { Tooltip } from '@mantine/core'
import { useInterval } from '@mantine/hooks'
import { useState } from 'react'
import { formatDate, formatDateTime, formatRelative, zoneHint } from '@/lib/dates'

type Value = string | number | Date | null | undefined

function Moment({ value, text }: { value: string | number | Date; text: string }) {
  return (
    <Tooltip label={zoneHint(value)}>
      <time dateTime={new Date(value).toISOString()}>{text}</time>
    </Tooltip>
  )
}

/** 12 Nov 2025, 10:42 in the viewer's zone; the zone on hover. */
export const DateTime = ({ value }: { value: Value }) =>
  value ? <Moment value={value} text={formatDateTime(value)} /> : '–'

/** 12 Nov 2025 */
export const Day = ({ value }: { value: Value }) =>
  value ? <time dateTime={String(value)}>{formatDate(value)}</time> : '–'

/** "3 minutes ago", kept current; the exact moment on hover. */
export function RelativeTime({ value }: { value: Value }) {
  const [now, setNow] = useState(Date.now)
  useInterval(() => setNow(Date.now()), 30_000, { autoInvoke: true })
  if (!value) return '–'
  return <Moment value={value} text={formatRelative(value, now)} />
}
