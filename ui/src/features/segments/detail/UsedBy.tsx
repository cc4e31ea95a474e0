import { Anchor, Loader, Table } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Section } from '@/ui/Section'
import { StatusBadge } from '@/ui/StatusBadge'
import { useUses } from '../queries'

/** The segments and campaigns that need this segment; while one has not ended, it cannot be archived. */
export function UsedBy({ id }: { id: string }) {
  const { data, error, refetch } = useUses(id)
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (!data) return <Loader />
  if (data.total === 0)
    return <EmptyState title={t('Nothing uses this segment')}>{t('It can be archived at any time.')}</EmptyState>
  return (
    <Section title={t('Used by')}>
      <Table.ScrollContainer minWidth={320}>
        <Table aria-label={t('Used by')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('Kind')}</Table.Th>
              <Table.Th>{t('Name')}</Table.Th>
              <Table.Th>{t('State')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.items.map(({ id: key, kind, name, state }, at) => (
              <Table.Tr key={key ?? at}>
                <Table.Td>{kind === 'campaign' ? t('Campaign') : t('Segment')}</Table.Td>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>
                  {key ? (
                    <Anchor component={Link} to={`/${kind}s/${key}`}>
                      {name}
                    </Anchor>
                  ) : (
                    name
                  )}
                </Table.Td>
                <Table.Td>
                  <StatusBadge status={state} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  )
}
