import { Anchor, Button, Group } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Suspense, useState } from 'react'
import { dialogs } from '@/lib/dialogs'
import { t } from '@/lib/i18n'
import { useCan } from '@/lib/session'
import { DisabledTip } from '@/ui/DisabledTip'
import { ExportReport } from '@/ui/ExportReport'
import { Section } from '@/ui/Section'
import { type Filters, isNarrowed } from './filters'
import type { Detail } from './model'

/** Send a campaign, compare, export. */
export function DetailActions({ found, filters }: { found: Detail; filters: Filters }) {
  const { segment: id, reason, size } = found
  const [isSending, send] = useState(false)
  const canSend = useCan('campaigns_manage')
  const { SendCampaign } = dialogs
  const label = isNarrowed(filters) ? t('Send campaign to all {{count, number}}', { count: size }) : t('Send campaign')
  return (
    <>
      {canSend && SendCampaign && (
        <DisabledTip reason={reason}>
          <Button onClick={() => send(true)}>{label}</Button>
        </DisabledTip>
      )}
      {isSending && SendCampaign && (
        <Suspense>
          <SendCampaign id={id} opened onClose={() => send(false)} />
        </Suspense>
      )}
      <Button variant="default" component={Link} to="/segmentation/compare" search={{ ...filters, a: id } as never}>
        {t('Compare')}
      </Button>
      <ExportReport kind="segment" id={id} filters={filters} reason={reason} />
    </>
  )
}

/** What every segment has on its own page. */
export const DetailLinks = ({ id }: { id: string }) => (
  <Section title={t('More about this segment')}>
    <Group gap="lg">
      {[
        { label: t('Members'), tab: undefined },
        { label: t('Performance'), tab: 'performance' },
        { label: t('History'), tab: 'history' },
        { label: t('Used by'), tab: 'used-by' },
      ].map(({ label, tab }) => (
        <Anchor key={label} component={Link} to="/segments/$id" params={{ id } as never} search={{ tab } as never}>
          {label}
        </Anchor>
      ))}
    </Group>
  </Section>
)
