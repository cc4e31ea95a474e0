import { Button, Group, Loader, Tabs } from '@mantine/core'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { t } from '@/lib/i18n'
import { useCan } from '@/lib/session'
import { DisabledTip } from '@/ui/DisabledTip'
import { ErrorState } from '@/ui/ErrorState'
import { ExportReport } from '@/ui/ExportReport'
import { PageHeader } from '@/ui/PageHeader'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime } from '@/ui/Time'
import type { Segment } from '../model'
import { useSegment, useSegmentLive } from '../queries'
import { More } from './More'
import { Notice } from './Notice'
import { Overview } from './Overview'
import { TABS, type Tab } from './tabs'

const UsedBy = lazy(() => import('./UsedBy').then((part) => ({ default: part.UsedBy })))
const History = lazy(() => import('./History').then((part) => ({ default: part.History })))
const Performance = lazy(() => import('./Performance').then((part) => ({ default: part.Performance })))
const SendCampaign = lazy(() => import('../SendCampaign').then((part) => ({ default: part.SendCampaign })))

/** /segments/$id */
export function SegmentPage() {
  const { id } = useParams({ from: '/segments/$id' })
  const { tab = 'overview' } = useSearch({ from: '/segments/$id' })
  const navigate = useNavigate({ from: '/segments/$id' })
  const { data: segment, error, refetch } = useSegment(id)
  useSegmentLive(id)
  if (error && !segment) return <ErrorState page error={error} onRetry={() => void refetch()} />
  if (!segment) return <PageHeader title={t('Segment')} />
  const go = (to: string | null) => void navigate({ search: { tab: to === 'overview' ? undefined : (to as Tab) }, replace: true })
  return (
    <>
      <PageHeader
        title={segment.name}
        breadcrumbs={[{ label: t('Segments'), to: '/segments' }]}
        sub={
          <Group gap="xs">
            <StatusBadge status={segment.archived ? 'archived' : segment.status} />
            {segment.data_as_of && (
              <span>
                {t('data as of')} <DateTime value={segment.data_as_of} />
              </span>
            )}
            {segment.version && <span>{t('version {{number}}', { number: segment.version.number })}</span>}
          </Group>
        }
        actions={<Actions segment={segment} />}
      />
      <Notice segment={segment} />
      <Tabs value={tab} onChange={go} keepMounted={false}>
        <Tabs.List mb="md">
          {TABS.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {t(label)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="overview">
          <Overview segment={segment} />
        </Tabs.Panel>
        <Tabs.Panel value="performance">
          <Suspense fallback={<Loader />}>
            <Performance segment={segment} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <Suspense fallback={<Loader />}>
            <History segment={segment} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="used-by">
          <Suspense fallback={<Loader />}>
            <UsedBy id={segment.id} />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

function Actions({ segment }: { segment: Segment }) {
  const { id, archived, reason } = segment
  const [isSending, send] = useState(false)
  const canSend = useCan('campaigns_manage')
  return (
    <>
      {canSend && (
        <DisabledTip reason={reason}>
          <Button onClick={() => send(true)}>{t('Send campaign')}</Button>
        </DisabledTip>
      )}
      {isSending && (
        <Suspense>
          <SendCampaign id={id} opened onClose={() => send(false)} />
        </Suspense>
      )}
      <ExportReport kind="segment" id={id} reason={!archived && reason} />
      <More segment={segment} />
    </>
  )
}
