import { Center, Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { t } from '@/lib/i18n'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { OrganisationForm } from './organisation/OrganisationForm'
import { organisationQuery } from './queries'

export function OrganisationPage() {
  const found = useQuery(organisationQuery)
  return (
    <>
      <PageHeader title={t('Organisation')} sub={t('Names, zones and limits that hold for everybody.')} />
      {found.data ? (
        <OrganisationForm organisation={found.data} />
      ) : found.error ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : (
        <Center py="xl">
          <Loader />
        </Center>
      )}
    </>
  )
}
