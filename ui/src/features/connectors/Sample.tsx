import { Table } from '@mantine/core'
import { t } from '@/lib/i18n'
import type { Preview } from './model'

const SHOWN = 8

/** The first rows as the file says them. */
export const Sample = ({ preview: { columns, rows, numbers } }: { preview: Preview }) => (
  <Table.ScrollContainer minWidth={columns.length * 110} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': t('First rows'), role: 'group' } }}>
    <Table fz="xs" striped withColumnBorders aria-label={t('First rows')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('Row')}</Table.Th>
          {columns.map(({ column }) => <Table.Th key={column}>{column}</Table.Th>)}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.slice(0, SHOWN).map((cells, index) => (
          <Table.Tr key={numbers[index]}>
            <Table.Td c="dimmed">{numbers[index]}</Table.Td>
            {columns.map(({ column }, place) => <Table.Td key={column}>{cells[place]}</Table.Td>)}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  </Table.ScrollContainer>
)
