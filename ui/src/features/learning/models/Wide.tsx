import { Table } from '@mantine/core'
import type { ReactNode } from 'react'

/** A table that scrolls sideways on a narrow screen, by keyboard too. */
export const Wide = ({ label, children, least = 280 }: { label: string; children: ReactNode; least?: number }) => (
  <Table.ScrollContainer minWidth={least} type="native" tabIndex={0} role="region" aria-label={label}>
    <Table verticalSpacing={4} style={{ fontVariantNumeric: 'tabular-nums' }}>
      {children}
    </Table>
  </Table.ScrollContainer>
)
