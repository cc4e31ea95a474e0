import { Skeleton } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { Editor } from './Editor'
import { useTemplate } from './queries'

/** One template. */
export function EditorPage() {
  const { id } = useParams({ from: '/content/$id' })
  const { data, error, refetch } = useTemplate(id)
  const crumbs = [{ label: t('Content'), to: '/content' }]
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (!data?.current)
    return (
      <>
        <PageHeader title={t('Template')} breadcrumbs={crumbs} />
        <Skeleton h={480} />
      </>
    )
  return <Editor key={id} template={data} current={data.current} crumbs={crumbs} />
}
