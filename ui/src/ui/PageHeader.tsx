import { Anchor, Breadcrumbs, Group, Stack, Text, Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

type Props = {
  title: string
  /** Status, freshness, owner: one line under the title. */
  sub?: ReactNode
  /** Where this page sits, from the top; not the page itself. */
  breadcrumbs?: { label: string; to: string }[]
  actions?: ReactNode
}

/** The top of every page; also names the browser tab. */
export function PageHeader({ title, sub, breadcrumbs, actions }: Props) {
  useDocumentTitle(`${title} · CEAP`)
  return (
    <Stack component="header" gap={4} mb="md">
      {breadcrumbs && (
        <Breadcrumbs component="nav" aria-label="Breadcrumbs" separator="/" separatorMargin={6}>
          {breadcrumbs.map(({ label, to }) => (
            <Anchor key={to} component={Link} to={to} size="sm" c="dimmed">
              {label}
            </Anchor>
          ))}
        </Breadcrumbs>
      )}
      <Group justify="space-between" align="flex-start" gap="sm">
        <Stack gap={2} miw={0}>
          <Title order={1} style={{ overflowWrap: 'anywhere' }}>
            {title}
          </Title>
          {sub && (
            <Text component="div" size="sm" c="dimmed">
              {sub}
            </Text>
          )}
        </Stack>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
    </Stack>
  )
}
