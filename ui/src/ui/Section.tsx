import { Group, Paper, SimpleGrid, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

type Props = { title?: string; actions?: ReactNode; children: ReactNode }

/** A titled part of a page. */
export const Section = ({ title, actions, children }: Props) => (
  <Paper component="section" p="md" aria-label={title}>
    {(title || actions) && (
      <Group justify="space-between" mb="sm" gap="xs">
        {title && <Title order={2} size="h3">{title}</Title>}
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
    )}
    {children}
  </Paper>
)

/** What is known about a thing: label and value, in columns. */
export const Facts = ({ items, cols = 2 }: { items: [label: string, value: ReactNode][]; cols?: number }) => (
  <SimpleGrid component="dl" cols={{ base: 1, xs: cols }} spacing="sm" verticalSpacing="xs" m={0}>
    {items.map(([label, value]) => (
      <div key={label}>
        <Text component="dt" size="xs" c="dimmed">
          {label}
        </Text>
        <Text component="dd" m={0} style={{ overflowWrap: 'anywhere' }}>
          {value ?? '–'}
        </Text>
      </div>
    ))}
  </SimpleGrid>
)
