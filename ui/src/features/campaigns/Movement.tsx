import { Alert, List, Text } from '@mantine/core'
import { t } from '@/lib/i18n'
import { Facts, Section } from '@/ui/Section'
import { DateTime, RelativeTime } from '@/ui/Time'
import { useMovement } from './queries'

/** The queue and the last claim; where something holds it back, why nothing is moving. */
export function Movement({ id }: { id: string }) {
  const { data } = useMovement(id, true)
  if (!data) return null
  const { blockers, waiting, claimed, sending, oldest_due, next_due, last_claim_at, last_sent_at } = data
  return (
    <Section title={t(blockers.length ? 'Why is nothing moving?' : 'How it is moving')}>
      {blockers.length ? (
        <Alert color="yellow" mb="sm" role="status">
          <List size="sm">
            {blockers.map((one) => (
              <List.Item key={one}>{one}</List.Item>
            ))}
          </List>
        </Alert>
      ) : (
        <Text mb="sm">{t('It is moving: nothing holds it back.')}</Text>
      )}
      <Facts
        cols={3}
        items={[
          [t('Waiting'), t('{{waiting, number}} waiting, {{claimed, number}} claimed, {{sending, number}} being handed over', { waiting, claimed, sending })],
          [t('Waits the longest'), <RelativeTime key="oldest" value={oldest_due} />],
          [t('Next one is due'), <DateTime key="next" value={next_due} />],
          [t('Last taken'), <RelativeTime key="claim" value={last_claim_at} />],
          [t('Last sent'), <RelativeTime key="sent" value={last_sent_at} />],
        ]}
      />
    </Section>
  )
}
