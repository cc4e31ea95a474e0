import { Table } from '@mantine/core'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import type { Finding } from './model'

/** What was said about rows: where, which value, why. */
export const Findings = ({ findings }: { findings: Finding[] }) => (
  <Table.ScrollContainer minWidth={520} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': t('Rows that need attention'), role: 'group' } }}>
    <Table fz="sm" verticalSpacing={4} aria-label={t('Rows that need attention')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th ta="right">{t('Row')}</Table.Th>
          <Table.Th>{t('Column')}</Table.Th>
          <Table.Th>{t('Value')}</Table.Th>
          <Table.Th>{t('Reason')}</Table.Th>
          <Table.Th>{t('What happened')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {findings.map(({ id, row, column, value, reason, rejected }) => (
          <Table.Tr key={id}>
            <Table.Td ta="right">{formatNumber(row)}</Table.Td>
            <Table.Td>{column || '–'}</Table.Td>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{value || '–'}</Table.Td>
            <Table.Td>{reason}</Table.Td>
            <Table.Td>{rejected ? t('Row rejected') : t('Value left out')}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Table.ScrollContainer>
)
