import { Table, Text } from '@mantine/core'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import type { Finding } from './model'
import { Wide } from './Wide'

/** What is dirty in a table: how many rows, what was done, and the first of them. */
export const Findings = ({ findings }: { findings: (Omit<Finding, 'examples'> & Partial<Finding>)[] }) => (
  <Wide label={t('Findings')} least={560}>
    <Table.Thead>
      <Table.Tr>
        <Table.Th scope="col">{t('Column')}</Table.Th>
        <Table.Th scope="col">{t('What')}</Table.Th>
        <Table.Th scope="col" ta="right">
          {t('Rows')}
        </Table.Th>
        <Table.Th scope="col">{t('What is done')}</Table.Th>
        {findings[0]?.examples && <Table.Th scope="col">{t('Examples')}</Table.Th>}
      </Table.Tr>
    </Table.Thead>
    <Table.Tbody>
      {findings.map(({ column, what, done, rows, examples }) => (
        <Table.Tr key={`${column} ${what}`}>
          <Table.Td>{column || '–'}</Table.Td>
          <Table.Td>{what}</Table.Td>
          <Table.Td ta="right">{formatNumber(rows)}</Table.Td>
          <Table.Td>{done}</Table.Td>
          {examples && (
            <Table.Td>
              <Text size="xs" c="dimmed" lineClamp={2}>
                {examples.map(({ row, value }) => t('row {{row}}: “{{value}}”', { row: formatNumber(row), value })).join(' · ')}
              </Text>
            </Table.Td>
          )}
        </Table.Tr>
      ))}
    </Table.Tbody>
  </Wide>
)
