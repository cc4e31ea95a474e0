import { Alert, Button, Group, Loader, Menu, Tabs, Text } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { DisabledTip } from '@/ui/DisabledTip'
import { ExportReport } from '@/ui/ExportReport'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime } from '@/ui/Time'
import type { Segment } from '../model'
import { useSegment, useVerb } from '../queries'
import { Overview } from './Overview'

const History = lazy(() => import('./History').then((part) => ({ default: part.History })))

/** /segments/$id */
export function SegmentPage() {
  const { id } = useParams({ from: '/segments/$id' })
  const { data: segment, error, refetch } = useSegment(id)
  if (error && !segment) return <ErrorState page error={error} onRetry={() => void refetch()} />
  if (!segment) return <PageHeader title={t('Segment')} />
  const state = segment.archived ? 'archived' : segment.status
  return (
    <>
      <PageHeader
        title={segment.name}
        breadcrumbs={[{ label: t('Segments'), to: '/segments' }]}
        sub={
          <Group gap="xs">
            <StatusBadge status={state} />
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
      <Tabs defaultValue="overview" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="overview">{t('Overview')}</Tabs.Tab>
          <Tabs.Tab value="history">{t('History')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview">
          <Overview segment={segment} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <Suspense fallback={<Loader />}>
            <History segment={segment} />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

/** Why it cannot be used now, and what serves meanwhile. */
function Notice({ segment }: { segment: Segment }) {
  if (segment.ready || segment.archived) return null
  const isWaiting = segment.status === 'queued' || segment.status === 'building'
  const color = isWaiting ? 'blue' : segment.status === 'stale' ? 'yellow' : 'red'
  return (
    <Alert color={color} mb="md" role="status" icon={isWaiting ? <Loader size={18} /> : undefined}>
      <Text size="sm">{segment.reason}</Text>
      {segment.version && (
        <Text size="sm">
          {t('Version {{number}} still serves.', { number: segment.version.number })}
        </Text>
      )}
    </Alert>
  )
}

function Actions({ segment: { id, name, archived, reason, allowed } }: { segment: Segment }) {
  const navigate = useNavigate()
  const verb = useVerb()
  const archive = async () => {
    const text = t('“{{name}}” leaves the active lists and is no longer recalculated. You can bring it back.', { name })
    if (archived || (await confirm({ title: t('Archive this segment?'), text, action: t('Archive') })))
      verb.mutate({ id, verb: archived ? 'unarchive' : 'archive' })
  }
  const duplicate = async () => {
    const copy = await verb.mutateAsync({ id, verb: 'duplicate' })
    await navigate({ to: '/segments/$id/edit', params: { id: copy.id } })
  }
  return (
    <>
      <DisabledTip reason={reason}>
        <Button onClick={() => void navigate({ to: '/campaigns/new', search: { segment: id } as never })}>
          {t('Send campaign')}
        </Button>
      </DisabledTip>
      <ExportReport kind="segment" id={id} reason={!archived && reason} />
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={14} />}>
            {t('More')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {allowed.edit && !archived && (
            <Menu.Item component={Link} to={`/segments/${id}/edit`}>
              {t('Edit')}
            </Menu.Item>
          )}
          {allowed.duplicate && <Menu.Item onClick={() => void duplicate()}>{t('Duplicate')}</Menu.Item>}
          {allowed.edit && !archived && (
            <Menu.Item onClick={() => verb.mutate({ id, verb: 'recalculate' })}>{t('Recalculate now')}</Menu.Item>
          )}
          {allowed.archive && (
            <Menu.Item onClick={() => void archive()}>{archived ? t('Unarchive') : t('Archive')}</Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </>
  )
}
