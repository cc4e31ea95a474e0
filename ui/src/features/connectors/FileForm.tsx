import { Alert, List, Select, SimpleGrid, Stack, Text } from '@mantine/core'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { type Choice, delimiterData, headerData, type Import, layoutWords, type Preview, sheetData, sheetWords } from './model'
import { useChoose } from './queries'

type Props = { row: Import; preview: Preview }

/** How the file is read: what was detected, what was chosen, and the rows that cannot be read. */
export function FileForm({ row, preview }: Props) {
  const choose = useChoose(row.id)
  const { form, choice } = row
  const change = (next: Partial<Choice>) => choose.mutate({ ...choice, ...next })
  const common = (name: keyof Choice) => ({
    allowDeselect: false,
    disabled: choose.isPending,
    description: choice[name] == null ? t('Detected') : t('Chosen'),
  })
  const header = form.header ? String(form.header_row) : '0'
  return (
    <Stack gap="sm">
      {preview.layout && <Text size="sm">{layoutWords(preview.layout, row.target)}</Text>}
      {form.kind === 'parquet' ? (
        <Text size="sm">{t('A Parquet file says itself what its columns are.')}</Text>
      ) : (
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
          {form.kind === 'csv' && (
            <>
              <Select
                {...common('encoding')}
                label={t('Encoding')}
                searchable
                data={[{ value: '', label: t('Detect') }, ...preview.encodings.map(({ value, label }) => ({ value, label: t(label) }))]}
                value={form.encoding}
                onChange={(next) => change({ encoding: next || null, header_row: null })}
              />
              <Select
                {...common('delimiter')}
                label={t('Cells are separated by')}
                data={[{ value: '', label: t('Detect') }, ...delimiterData(form.delimiter)]}
                value={form.delimiter}
                onChange={(next) => change({ delimiter: next || null, header_row: null })}
              />
            </>
          )}
          {form.kind === 'xlsx' && (
            <Select
              {...common('sheet')}
              label={t('Sheet')}
              data={[{ value: '', label: t('Detect') }, ...sheetData(preview.sheets)]}
              value={form.sheet}
              onChange={(next) => change({ sheet: next || null, header_row: null })}
            />
          )}
          <Select
            {...common('header_row')}
            label={t('Names of the columns')}
            data={[{ value: 'detect', label: t('Detect') }, { value: '0', label: t('No row names them') }, ...headerData(preview.top, form)]}
            value={header}
            onChange={(next) => change({ header_row: next == null || next === 'detect' ? null : Number(next) })}
          />
        </SimpleGrid>
      )}
      {preview.sheets.length > 1 && <Text size="sm" c="dimmed">{sheetWords(preview.sheets, form.sheet)}</Text>}
      {choose.error && <Alert color="red" title={t('It cannot be read like this')}>{sentence(choose.error)}</Alert>}
      {preview.unreadable > 0 && (
        <Alert color="yellow" styles={{ title: { color: 'inherit' } }} title={t('{{count, number}} rows cannot be read; the import refuses them', { count: preview.unreadable })}>
          <List size="sm">
            {preview.torn.slice(0, 5).map(({ row: number, why, text }) => (
              <List.Item key={number} style={{ overflowWrap: 'anywhere' }}>
                {t('Row {{number}} {{why}}: “{{text}}”', { number, why, text: text.trim() })}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
    </Stack>
  )
}
