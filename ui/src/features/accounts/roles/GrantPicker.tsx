import { NativeSelect, Table, Text } from '@mantine/core'
import { t } from '@/lib/i18n'
import type { Level } from '@/lib/session'
import { levelsWithin } from '../model'
import type { Grants, Permission } from '../queries'

type Props = {
  permissions: Permission[]
  value: Grants
  /** One's own levels: nobody grants more. */
  limit: Grants
  readOnly?: boolean
  onChange: (value: Grants) => void
}

const WORDS: Record<Level, string> = { all: 'All', owned: 'Owned only', disabled: 'No' }

/** A level for every permission. */
export const GrantPicker = ({ permissions, value, limit, readOnly, onChange }: Props) => (
  <Table.ScrollContainer minWidth={300} mah={420}>
    <Table verticalSpacing={4} stickyHeader aria-label={t('Permissions')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('May')}</Table.Th>
          <Table.Th w={150}>{t('Reach')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {permissions.map(({ key, label, levels }) => {
          const level = value[key] ?? 'disabled'
          return (
            <Table.Tr key={key}>
              <Table.Td>{label}</Table.Td>
              <Table.Td>
                {readOnly ? (
                  <Text size="sm" c={level === 'disabled' ? 'dimmed' : undefined}>
                    {t(WORDS[level])}
                  </Text>
                ) : (
                  <NativeSelect
                    size="xs"
                    aria-label={label}
                    value={level}
                    data={levelsWithin(levels, limit[key] ?? 'disabled', level).map((one) => ({
                      value: one,
                      label: t(WORDS[one]),
                    }))}
                    onChange={(event) => onChange({ ...value, [key]: event.currentTarget.value as Level })}
                  />
                )}
              </Table.Td>
            </Table.Tr>
          )
        })}
      </Table.Tbody>
    </Table>
  </Table.ScrollContainer>
)
