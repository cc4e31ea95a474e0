import { Box, Group, Stack, Text } from '@mantine/core'
import { formatNumber, formatPercent } from '@/lib/numbers'

export type Step = {
  label: string
  /** How many are left after this step. */
  count: number
  /** Why the others left, when it is more than the label says. */
  hint?: string
}

/** From all to those who remain: each step with its number, its share of the first, and what it took away. */
export function Waterfall({ label, steps }: { label: string; steps: Step[] }) {
  const whole = steps[0]?.count ?? 0
  return (
    <Stack component="ol" gap={10} m={0} p={0} aria-label={label} style={{ listStyle: 'none' }}>
      {steps.map(({ label, count, hint }, index) => {
        const lost = (steps[index - 1]?.count ?? count) - count
        return (
          <li key={label}>
            <Group gap="xs" wrap="nowrap" align="baseline">
              <Text flex={1}>
                {label}
                {hint && (
                  <Text span size="xs" c="dimmed">
                    {' '}
                    {hint}
                  </Text>
                )}
              </Text>
              {lost > 0 && (
                <Text size="sm" c="dimmed">
                  −{formatNumber(lost)}
                </Text>
              )}
              <Text fw={600} miw={64} ta="right">
                {formatNumber(count)}
              </Text>
              <Text size="sm" c="dimmed" miw={56} ta="right">
                {formatPercent(count, whole)}
              </Text>
            </Group>
            <Box h={5} mt={3} bg="var(--mantine-color-default-border)" style={{ borderRadius: 3 }} aria-hidden>
              <Box
                h="100%"
                w={`${whole ? (count / whole) * 100 : 0}%`}
                bg="var(--mantine-primary-color-filled)"
                style={{ borderRadius: 3 }}
              />
            </Box>
          </li>
        )
      })}
    </Stack>
  )
}
