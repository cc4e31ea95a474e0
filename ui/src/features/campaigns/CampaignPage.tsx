import { Skeleton } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { t } from '@/lib/i18n'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { useCampaign } from './queries'

const Editor = lazy(() => import('./Editor').then(({ Editor }) => ({ default: Editor })))
const Watch = lazy(() => import('./Watch').then(({ Watch }) => ({ default: Watch })))

/** One campaign: while it is a draft it is edited, afterwards watched. */
export function CampaignPage() {
  const { id } = useParams({ from: '/campaigns/$id' })
  const { data, error, refetch } = useCampaign(id)
  if (error && !data) return <ErrorState page error={error} onRetry={() => void refetch()} />
  const waiting = (
    <>
      <PageHeader title={t('Campaign')} breadcrumbs={[{ label: t('Campaigns'), to: '/campaigns' }]} />
      <Skeleton h={420} />
    </>
  )
  if (!data) return waiting
  return (
    <Suspense fallback={waiting}>
      {data.status === 'draft' ? <Editor key={id} campaign={data} /> : <Watch key={id} campaign={data} />}
    </Suspense>
  )
}
