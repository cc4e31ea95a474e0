import { Button, Code, Drawer, Stack, Table, Text } from '@mantine/core'
import { t } from '@/lib/i18n'
import { Facts } from '@/ui/Section'
import { DateTime } from '@/ui/Time'
import { differences, verbInWords } from '../model'
import type { Entry } from '../queries'

type Props = { entry: Entry; onClose: () => void; onOnly: () => void }

/** One entry: what was there before, and after. */
export function EntryDetail({ entry, onClose, onOnly }: Props) {
  const rows = differences(entry.before, entry.after)
  return (
    <Drawer opened onClose={onClose} position="right" size="lg" title={verbInWords(entry.verb)}>
      <Stack>
        <Facts
          items={[
            [t('When'), <DateTime key="at" value={entry.at} />],
            [t('Who'), `${entry.actor_name} (${entry.actor_kind})`],
            [t('To what'), `${entry.object_kind} ${entry.object_name || entry.object_id}`],
            [t('Entry'), `${entry.seq} · ${entry.verb}`],
          ]}
        />
        {rows.length > 0 ? (
          <Table.ScrollContainer minWidth={360}>
            <Table aria-label={t('Before and after')} verticalSpacing={4}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('Field')}</Table.Th>
                  <Table.Th>{t('Before')}</Table.Th>
                  <Table.Th>{t('After')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rows.map(({ key, before, after }) => (
                  <Table.Tr key={key}>
                    <Table.Td>{key}</Table.Td>
                    <Value text={before} />
                    <Value text={after} />
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        ) : (
          <Text c="dimmed">{t('Nothing but the fact itself was recorded.')}</Text>
        )}
        {entry.object_id && (
          <Button variant="default" onClick={onOnly} style={{ alignSelf: 'flex-start' }}>
            {t('Everything about this')}
          </Button>
        )}
        <Text size="xs" c="dimmed">
          SHA-256 <Code style={{ overflowWrap: 'anywhere' }}>{entry.hash}</Code>
        </Text>
      </Stack>
    </Drawer>
  )
}

const Value = ({ text }: { text: string | null }) => (
  <Table.Td style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>{text ?? '–'}</Table.Td>
)
