import { Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { IconInbox } from '@tabler/icons-react'
import type { ComponentType, ReactNode } from 'react'

type Props = {
  title: string
  children?: ReactNode
  /** The one next step: a Button. */
  action?: ReactNode
  /** It is all the page shows: the title heads the page. */
  page?: boolean
  icon?: ComponentType<{ size?: number; stroke?: number }>
}

/** What is missing, in a sentence, and the one next step. */
export function EmptyState({ title, children, action, page, icon: Icon = IconInbox }: Props) {
  return (
    <Stack align="center" gap="xs" py={56} px="md" ta="center">
      <ThemeIcon variant="light" color="gray" size={44} radius="xl" aria-hidden>
        <Icon size={22} stroke={1.5} />
      </ThemeIcon>
      <Title order={page ? 1 : 2} size="h2">{title}</Title>
      {children && (
        <Text c="dimmed" maw={440} component="div">
          {children}
        </Text>
      )}
      {action}
    </Stack>
  )
}
