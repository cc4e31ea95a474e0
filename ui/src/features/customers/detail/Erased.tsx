import { Alert, Progress, Stack, Text } from '@mantine/core'
import type { components } from '@/lib/schema.gen'
import { t } from '@/lib/i18n'
import { PageHeader } from '@/ui/PageHeader'
import { Facts, Section } from '@/ui/Section'
import { DateTime } from '@/ui/Time'

export type Erasure = components['schemas']['ErasureOut']

const STATES: Record<Erasure['state'], string> = {
  requested: 'Erased here; the last copies wait to be erased together with others’',
  running: 'The last copies are being erased',
  waiting: 'The last copies wait',
  done: 'The last copy is gone',
}

/** What is left of an erased customer: how far the erasing of the last copies is. */
export const Erased = ({ erasure }: { erasure: Erasure }) => (
  <>
    <PageHeader title={t('Erased customer')} breadcrumbs={[{ label: t('Customers'), to: '/customers' }]} sub={`#${erasure.customer}`} />
    <Section title={t('Erasure')}>
      <Stack gap="sm">
        <Text role="status">{t(STATES[erasure.state])}</Text>
        <Progress value={(100 * erasure.done) / erasure.steps} aria-label={t('Steps done')} />
        <Facts
          items={[
            [t('Steps done'), t('{{done}} of {{steps}}', { done: erasure.done, steps: erasure.steps })],
            [t('Asked for by'), erasure.requested_by],
            [t('Asked for at'), <DateTime key="asked" value={erasure.requested_at} />],
            erasure.finished_at
              ? [t('Last copy gone at'), <DateTime key="gone" value={erasure.finished_at} />]
              : [t('Last copy gone by'), <DateTime key="due" value={erasure.due_at} />],
          ]}
        />
        {erasure.problem && (
          <Alert color="yellow" title={t('It could not be finished yet; it is tried again by itself')}>
            {erasure.problem}
          </Alert>
        )}
      </Stack>
    </Section>
  </>
)
