import { Button, Skeleton } from '@mantine/core'
import { useNavigate, useParams } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { StatusBadge } from '@/ui/StatusBadge'
import { formWords, sizeWords } from './model'
import { Plan } from './Plan'
import { useDelete, useImport } from './queries'
import { Receipt } from './Receipt'

/** One file: what its columns are, then how far it is, then its receipt. */
export function ImportPage() {
  const { id } = useParams({ from: '/customers/imports/$id' })
  const navigate = useNavigate()
  const { data: row, error, refetch } = useImport(id)
  const remove = useDelete()
  if (error) return <ErrorState page error={error} onRetry={() => void refetch()} />
  if (!row) return <Skeleton height={320} role="status" aria-label={t('Loading')} />
  const forget = async () => {
    const sure = await confirm({ title: t('Forget this file?'), text: t('Nothing of it was brought in.'), action: t('Forget'), danger: true })
    if (!sure) return
    await remove.mutateAsync(id)
    await navigate({ to: '/customers/imports' })
  }
  return (
    <>
      <PageHeader
        title={row.file_name}
        breadcrumbs={[
          { label: t('Customers'), to: '/customers' },
          { label: t('Imports'), to: '/customers/imports' },
        ]}
        sub={
          <>
            <StatusBadge status={row.state} /> {t(row.target)} · {t(formWords(row.form))} · {sizeWords(row.size)}
          </>
        }
        actions={row.state === 'draft' && <Button variant="default" onClick={() => void forget()}>{t('Forget file')}</Button>}
      />
      {row.state === 'draft' ? <Plan row={row} /> : <Receipt row={row} />}
    </>
  )
}
