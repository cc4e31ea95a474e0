import { t } from '@/lib/i18n'
import { useSession } from '@/lib/session'
import { EmptyState } from '@/ui/EmptyState'
import { PageHeader } from '@/ui/PageHeader'

export function HomePage() {
  const { organisation } = useSession()
  return (
    <>
      <PageHeader title={t('Home')} sub={organisation.name} />
      <EmptyState title={t('Nothing needs you right now')}>
        {t('Approvals, failed or stale things, and today’s sends will show here.')}
      </EmptyState>
    </>
  )
}
