import { Alert, Center, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { sentence } from '@/lib/client'

type Props = { title: string; sub?: ReactNode; error?: unknown; children: ReactNode }

/** The bare card that every sign-in step stands in. */
export function Frame({ title, sub, error, children }: Props) {
  useDocumentTitle(`${title} · CEAP`)
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper p="xl" w="100%" maw={400} withBorder>
        <Stack gap="md">
          <Group gap="xs">
            <img src="/assets/mark-v1.svg" width={28} height={28} alt="" />
            <Text fw={650}>CEAP</Text>
          </Group>
          <div>
            <Title order={1} size="h2">
              {title}
            </Title>
            {sub && (
              <Text size="sm" c="dimmed" mt={4}>
                {sub}
              </Text>
            )}
          </div>
          {error ? (
            <Alert color="red" role="alert">
              {sentence(error)}
            </Alert>
          ) : null}
          {children}
        </Stack>
      </Paper>
    </Center>
  )
}
