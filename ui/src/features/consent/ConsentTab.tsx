import { Button, Group, Skeleton, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { useCan } from '@/lib/session'
import { ErrorState } from '@/ui/ErrorState'
import { Section } from '@/ui/Section'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime } from '@/ui/Time'
import { channelName, evidenceLines, purposeName } from './model'
import { type Consent, consentQuery } from './queries'
import { RecordConsent } from './RecordConsent'

/** Where a customer stands, every record of consent with its evidence, and the addresses that are suppressed. */
export function ConsentTab({ customer }: { customer: number }) {
  const consent = useQuery(consentQuery(customer))
  const [asking, setAsking] = useState<'grant' | 'withdraw' | null>(null)
  const may = useCan('consent_manage')
  if (consent.error) return <ErrorState error={consent.error} onRetry={() => void consent.refetch()} />
  if (!consent.data) return <Skeleton height={240} role="status" aria-label={t('Loading')} />
  const actions = may && (
    <>
      <Button size="compact-sm" variant="default" onClick={() => setAsking('grant')}>
        {t('Consent given')}
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => setAsking('withdraw')}>
        {t('Consent taken back')}
      </Button>
    </>
  )
  return (
    <Stack gap="md">
      <Section title={t('Marketing now')} actions={actions}>
        <Stack gap={6}>
          {consent.data.standing.map(({ channel, allowed, said }) => (
            <Group key={channel} gap="xs">
              <Text w={90}>{t(channelName(channel))}</Text>
              <StatusBadge status={allowed ? 'active' : 'blocked'} label={allowed ? t('May be sent') : t('Not sent')} />
              {said && (
                <Text size="sm" c="dimmed">
                  {t(said)}
                </Text>
              )}
            </Group>
          ))}
        </Stack>
      </Section>
      <Section title={t('Records')}>
        <Records records={consent.data.records} />
      </Section>
      {consent.data.erased && (
        <Section title={t('An erased person’s address')}>
          <Text size="sm">
            {t('An address of this customer belonged to a person who was erased on request. Nothing is sent there, whatever a file or a form says.')}
          </Text>
        </Section>
      )}
      {consent.data.suppressions.length > 0 && (
        <Section title={t('Suppressed addresses')}>
          <Stack gap={4}>
            {consent.data.suppressions.map((row) => (
              <Text key={row.id} size="sm">
                {row.address} · {t(channelName(row.channel))} · {t(purposeName(row.purpose))} · {t(row.reason)} ·{' '}
                <DateTime value={row.at} />
              </Text>
            ))}
          </Stack>
        </Section>
      )}
      {asking && <RecordConsent customer={customer} verb={asking} onClose={() => setAsking(null)} />}
    </Stack>
  )
}

function Records({ records }: { records: Consent['records'] }) {
  if (!records.length) return <Text c="dimmed">{t('Nobody has recorded anything; the customer’s opt-in field decides.')}</Text>
  return (
    <Table.ScrollContainer minWidth={520} scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'group', 'aria-label': t('Records') } }}>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            {[t('When'), t('What'), t('For'), t('Where'), t('Evidence')].map((title) => (
              <Table.Th key={title}>{title}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {records.map((row) => (
            <Table.Tr key={row.id}>
              <Table.Td>
                <DateTime value={row.at} />
              </Table.Td>
              <Table.Td>
                <StatusBadge
                  status={row.granted ? 'subscribed' : 'unsubscribed'}
                  label={row.granted ? t('Given') : t('Taken back')}
                />
              </Table.Td>
              <Table.Td>
                {t(channelName(row.channel))}, {t(purposeName(row.purpose))}
              </Table.Td>
              <Table.Td>{row.source}</Table.Td>
              <Table.Td>
                <Text size="xs" style={{ overflowWrap: 'anywhere' }}>
                  {evidenceLines(row.evidence).join(' · ') || '–'}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
