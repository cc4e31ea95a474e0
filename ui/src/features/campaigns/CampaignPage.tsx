import { Skeleton } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { Editor } from './Editor'
import { useCampaign } from './queries'
import { Watch } from './Watch'

/** One campaign: while it is a draft it is edited, afterwards watched. */
export function CampaignPage() {
  const { id } = useParams({ from: '/campaigns/$id' })
  const { data, error, refetch } = useCampaign(id)
  if (error && !data) return <ErrorState page error={error} onRetry={() => void refetch()} />
  if (!data)
    return (
      <>
        <PageHeader title={t('Campaign')} breadcrumbs={[{ label: t('Campaigns'), to: '/campaigns' }]} />
        <Skeleton h={420} />
      </>
    )
  return data.status === 'draft' ? <Editor key={id} campaign={data} /> : <Watch key={id} campaign={data} />
}
