import { Box, Group, Text, Tooltip } from '@mantine/core'
import { IconInfoCircle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { formatNumber, formatPercent } from '@/lib/numbers'

type Props = {
  label: string
  /** A number is formatted; anything else is shown as it is. */
  value: number | null | undefined | ReactNode
  /** The whole of which the value is a share. */
  of?: number
  /** What exactly is counted. */
  hint?: string
  /** Says that the number is not exact. */
  estimate?: boolean
}

/** One number that matters, with its share and what it means. */
export function Stat({ label, value, of, hint, estimate }: Props) {
  const isNumber = typeof value === 'number' || value == null
  return (
    <Box miw={96}>
      <Group gap={4} wrap="nowrap" c="dimmed">
        <Text size="xs">{label}</Text>
        {hint && (
          <Tooltip label={hint} events={{ hover: true, focus: true, touch: true }}>
            <IconInfoCircle size={14} stroke={1.6} tabIndex={0} role="img" aria-label={hint} />
          </Tooltip>
        )}
      </Group>
      <Group gap={6} align="baseline" wrap="nowrap">
        <Text component="div" fz="1.375rem" fw={600} lh={1.25}>
          {estimate && '≈ '}
          {isNumber ? formatNumber(value) : value}
        </Text>
        {of != null && typeof value === 'number' && (
          <Text size="sm" c="dimmed">
            {formatPercent(value, of)}
          </Text>
        )}
      </Group>
    </Box>
  )
}
