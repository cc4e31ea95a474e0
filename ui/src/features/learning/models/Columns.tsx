import { Button, Checkbox, Group, NativeSelect, Stack, Table, Text } from '@mantine/core'
import { t } from '@/lib/i18n'
import { DisabledTip } from '@/ui/DisabledTip'
import { type Look, MATCHES, type Match, type ModelFile, type Role, ROLES } from './model'
import { Wide } from './Wide'

export type Draft = { columns: Record<string, Role>; match: Match; add: boolean }
type Props = {
  file: ModelFile
  draft: Draft
  mayAdd: boolean
  saving: boolean
  onChange: (draft: Draft) => void
  /** Null: nothing was changed. */
  onSave: (() => void) | null
}

/** What each column is, guessed and changeable, with its first cells; and how rows are customers. */
export function Columns({ file, draft, mayAdd, saving, onChange, onSave }: Props) {
  const { head } = file.look as Look
  const isLines = Object.keys(file.columns).length === 0
  return (
    <Stack gap="sm">
      {isLines ? (
        <Text size="sm">{t('These are lines of purchases: they are brought together to one row a customer.')}</Text>
      ) : (
        <Wide label={t('Columns')} least={480}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{t('Column')}</Table.Th>
              <Table.Th scope="col">{t('What it is')}</Table.Th>
              <Table.Th scope="col">{t('First cells')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {file.names.map((name) => (
              <Table.Tr key={name}>
                <Table.Th scope="row" fw={500}>
                  {name}
                </Table.Th>
                <Table.Td>
                  <NativeSelect
                    aria-label={t('What {{name}} is', { name })}
                    data={ROLES.map(({ value, label }) => ({ value, label: t(label) }))}
                    value={draft.columns[name] ?? 'unused'}
                    onChange={(event) => onChange({ ...draft, columns: { ...draft.columns, [name]: event.currentTarget.value as Role } })}
                  />
                </Table.Td>
                <Table.Td>
                  <Text size="sm" c="dimmed" lineClamp={1}>
                    {(head[name] ?? []).slice(0, 4).map((cell) => cell ?? '–').join(' · ')}
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Wide>
      )}
      <Group align="flex-end" gap="md">
        <NativeSelect
          label={t('The id is the customer’s')}
          data={MATCHES.map(({ value, label }) => ({ value, label: t(label) }))}
          value={draft.match}
          onChange={(event) => onChange({ ...draft, match: event.currentTarget.value as Match })}
        />
        <DisabledTip reason={mayAdd ? null : t('This needs the permission “Import customers, purchases and events”.')}>
          <Checkbox
            label={t('Add the customers that are not there yet')}
            description={t('When a version that scores this file is deployed')}
            checked={draft.add}
            onChange={(event) => onChange({ ...draft, add: event.currentTarget.checked })}
          />
        </DisabledTip>
        {onSave && (
          <Button loading={saving} onClick={onSave}>
            {t('Save and look again')}
          </Button>
        )}
      </Group>
    </Stack>
  )
}
