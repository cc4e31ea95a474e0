import { AppShell, Box } from '@mantine/core'
import type { ReactNode } from 'react'
export const Shell = ({ children }: { children: ReactNode }) => (
  <AppShell padding="md">
    <AppShell.Main>
      <Box>{children}</Box>
    </AppShell.Main>
  </AppShell>
)
