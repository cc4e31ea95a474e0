import { Alert, Anchor, Group, SimpleGrid, Skeleton, Stack } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useLive } from '@/lib/live'
import { formatDateTime, formatTime } from '@/lib/dates'
import { t } from '@/lib/i18n'
import { Chart } from '@/ui/Chart'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { ExportReport } from '@/ui/ExportReport'
import { PageHeader } from '@/ui/PageHeader'
import { Facts, Section } from '@/ui/Section'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime } from '@/ui/Time'
import { Waterfall } from '@/ui/Waterfall'
import { Freshness } from './Freshness'
import { type Campaign, chartOf, type Progress } from './model'
import { CAMPAIGNS, useReport } from './queries'
import { LeftOut } from './LeftOut'
import { Movement } from './Movement'
import { Deliveries, type Left, Outcome, Reasons } from './Results'
import { Verbs } from './Verbs'

const ENDED = new Set(['completed', 'cancelled'])

/** A launched campaign as it goes: the socket brings the numbers, the report fills in the rest. */
export function Watch({ campaign }: { campaign: Campaign }) {
  const { id } = campaign
  const [left, setLeft] = useState<Left | null>(null)
  const [live, setLive] = useState<Progress>()
  const state = useLive<Progress>(`campaign:${id}`, setLive)
  const queries = useQueryClient()
  const status = live?.status ?? campaign.status
  useEffect(() => {
    if (status !== campaign.status) void queries.invalidateQueries({ queryKey: [CAMPAIGNS] })
  }, [status, campaign.status, queries])
  const report = useReport(id, ENDED.has(status) ? 15_000 : 4000)
  const now = live ?? report.data

  return (
    <>
      <PageHeader
        title={campaign.name}
        breadcrumbs={[{ label: t('Campaigns'), to: '/campaigns' }]}
        sub={
          <Group gap="xs">
            <StatusBadge status={status} />
            <Freshness asOf={now?.as_of} state={state} />
          </Group>
        }
        actions={
          <>
            {status !== 'scheduled' && <ExportReport kind="campaign" id={id} />}
            <Verbs campaign={campaign} open={now?.open ?? 0} planned={now?.planned ?? 0} />
          </>
        }
      />
      {(now?.status_reason || campaign.status_reason) && status !== 'running' && (
        <Alert color={status === 'paused' ? 'yellow' : 'gray'} mb="md" role="status">
          {now?.status_reason || campaign.status_reason}
        </Alert>
      )}
      {report.error && !now ? (
        <ErrorState error={report.error} onRetry={() => void report.refetch()} />
      ) : status === 'scheduled' ? (
        <Scheduled campaign={campaign} />
      ) : !now ? (
        <Skeleton h={420} />
      ) : (
        <Stack>
          <Deliveries now={now} />
          {now.open > 0 && <Movement id={id} />}
          <Outcome now={now} />
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            <Reasons now={now} onOpen={setLeft} />
            <Section title={t('From matched to under the cap')}>
              <Waterfall label={t('From matched to under the cap')} steps={now.waterfall} />
            </Section>
          </SimpleGrid>
          <Section>
            <Timeline timeline={report.data?.timeline} />
          </Section>
          <What campaign={campaign} />
        </Stack>
      )}
      <LeftOut id={id} left={left} onClose={() => setLeft(null)} />
    </>
  )
}

function Timeline({ timeline }: { timeline: Parameters<typeof chartOf>[0] | undefined }) {
  if (!timeline?.points.length)
    return <EmptyState title={t('Nothing has happened yet')}>{t('Sent, opened and clicked messages show here over time.')}</EmptyState>
  const isDays = timeline.unit === 'day'
  const { categories, series } = chartOf(timeline, (at) =>
    isDays ? formatDateTime(at).split(',')[0]! : timeline.unit === 'second' ? at.toLocaleTimeString('en-GB') : formatTime(at),
  )
  return <Chart label={t('Over time')} kind="line" categories={categories} series={series} categoryLabel={t('Time')} />
}

const Scheduled = ({ campaign }: { campaign: Campaign }) => (
  <Stack>
    <Section>
      <EmptyState title={t('On the schedule')}>
        {t('Its audience is resolved at')} <DateTime value={campaign.starts_at} />
        {t(': who is in the segment then gets it, in')} {String(campaign.schedule.zone ?? 'organisation')}{' '}
        {t('time at')} {String(campaign.schedule.local ?? '').replace('T', ' ')}.
      </EmptyState>
    </Section>
    <What campaign={campaign} />
  </Stack>
)

const What = ({ campaign }: { campaign: Campaign }) => (
  <Section title={t('What was sent')}>
    <Facts
      items={[
        [
          t('Segment'),
          campaign.segment && (
            <Anchor key="segment" component={Link} to={`/segments/${campaign.segment.id}`}>
              {campaign.segment.name}
            </Anchor>
          ),
        ],
        [t('Left out'), campaign.exclusions.map(({ name }) => name).join(', ') || t('Nobody')],
        [
          t('Email'),
          campaign.content && (
            <Anchor key="email" component={Link} to={`/content/${campaign.content.template_id}`}>
              {campaign.content.name} · {t('version {{number}}', campaign.content)}
            </Anchor>
          ),
        ],
        [t('Subject'), campaign.content?.subject],
        [t('Launched'), <DateTime key="launched" value={campaign.launched_at} />],
        [t('Ended'), <DateTime key="ended" value={campaign.completed_at} />],
        [t('Created by'), campaign.created_by],
        [t('Approved by'), campaign.approved_by ?? t('Nobody: it was not needed')],
      ]}
    />
  </Section>
)
