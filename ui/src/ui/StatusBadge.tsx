import { Badge } from '@mantine/core'

const TONES = {
  green: ['live', 'ready', 'done', 'sent', 'delivered', 'active', 'approved', 'verified', 'ok', 'subscribed'],
  blue: ['running', 'sending', 'building', 'recalculating', 'importing', 'launching'],
  yellow: ['queued', 'scheduled', 'pending', 'waiting', 'paused', 'stale', 'held', 'unknown', 'warning', 'invited'],
  red: ['failed', 'rejected', 'bounced', 'blocked', 'complained', 'error', 'suppressed', 'down'],
  gray: ['draft', 'archived', 'cancelled', 'revoked', 'expired', 'inactive', 'unsubscribed'],
}
type Tone = keyof typeof TONES

const toneOf = (status: string) =>
  (Object.keys(TONES) as Tone[]).find((tone) => TONES[tone].includes(status)) ?? 'gray'

type Props = {
  /** The state as the server names it; "not_sent" reads "Not sent". */
  status: string
  label?: string
  tone?: Tone
}

/** The state of a thing: a coloured dot and always the word. */
export function StatusBadge({ status, label, tone = toneOf(status) }: Props) {
  const words = label ?? status.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase())
  return (
    <Badge
      variant="default"
      size="md"
      miw="max-content"
      leftSection={
        <svg width={8} height={8} aria-hidden>
          <circle cx={4} cy={4} r={4} fill={`var(--mantine-color-${tone}-6)`} />
        </svg>
      }
    >
      {words}
    </Badge>
  )
}
