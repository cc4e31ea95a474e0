import { Badge, Box, Select, Table, Text } from '@mantine/core'
import { TYPES } from '@/lib/fieldTypes'
import { t } from '@/lib/i18n'
import { useCan } from '@/lib/session'
import { newField, type Preview, SKIP } from './model'

/** What a new field made of a column can be: of the others the cells are no values. */
const MADE = [...TYPES].filter(([type]) => !['user', 'file', 'signature'].includes(type))

type Props = { target: string; preview: Preview; choices: Record<string, string>; onChange: (column: string, choice: string) => void }

type Guess = Preview['columns'][number]
const values = (guess: Guess) => <Text size="sm" c="dimmed" truncate>{guess.samples.join(' · ') || t('empty')}</Text>
const guessed = (guess: Guess) =>
  guess.field ? (
    <Badge variant="default" title={t('By {{why}}', { why: guess.why })}>
      {Math.round(guess.confidence * 100)} %
    </Badge>
  ) : (
    <Text size="xs" c="dimmed">{guess.why || t(TYPES.get(guess.type) ?? guess.type)}</Text>
  )

/** What each column of the file becomes, as guessed and as the person decides. */
export function Mapping({ target, preview, choices, onChange }: Props) {
  const canAdd = useCan('fields_manage')
  const taken = new Set(Object.values(choices))
  const groups = [...new Set(preview.fields.map(({ group }) => group))]
  const dataFor = (column: string) => {
    const own = choices[column]
    const fields = groups.map((group) => ({
      group: t(group),
      items: preview.fields
        .filter((field) => field.group === group)
        .map(({ key, label }) => ({ value: key, label, disabled: taken.has(key) && key !== own })),
    }))
    const made = preview.properties
      ? [{ group: t('Keep as'), items: [{ value: `prop:${column}`, label: t('Property “{{column}}”', { column }) }] }]
      : canAdd && target === 'customers'
        ? [{ group: t('New field'), items: MADE.map(([type, label]) => ({ value: newField(type), label: t('New: {{type}}', { type: t(label) }) })) }]
        : []
    return [{ group: t('Nothing'), items: [{ value: 'skip', label: t('Leave out') }] }, ...fields, ...made]
  }
  return (
    <Table.ScrollContainer minWidth={300} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': t('Columns'), role: 'group' } }}>
      <Table verticalSpacing={6} aria-label={t('Columns')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('Column')}</Table.Th>
            <Table.Th visibleFrom="sm">{t('Values')}</Table.Th>
            <Table.Th miw={{ base: 170, sm: 220 }}>{t('Becomes')}</Table.Th>
            <Table.Th visibleFrom="sm" miw={180}>{t('Guess')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {preview.columns.map((guess) => (
            <Table.Tr key={guess.column}>
              <Table.Td fw={500} maw={{ base: 130, sm: 260 }}>
                {guess.column}
                <Box hiddenFrom="sm">{values(guess)}</Box>
              </Table.Td>
              <Table.Td visibleFrom="sm" maw={260}>{values(guess)}</Table.Td>
              <Table.Td>
                <Select
                  size="sm"
                  aria-label={t('What “{{column}}” becomes', { column: guess.column })}
                  searchable
                  allowDeselect={false}
                  data={dataFor(guess.column)}
                  value={choices[guess.column] || 'skip'}
                  onChange={(next) => onChange(guess.column, next === 'skip' || !next ? SKIP : next)}
                />
                <Box hiddenFrom="sm" mt={4}>{guessed(guess)}</Box>
              </Table.Td>
              <Table.Td visibleFrom="sm">{guessed(guess)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
