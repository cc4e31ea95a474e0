import { Badge, Grid, Group, Skeleton, Tabs } from '@mantine/core'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { Suspense, useState } from 'react'
import { ApiProblem, sentence } from '@/lib/client'
import { customerNotes, customerTabs } from '@/lib/customerTabs'
import { t } from '@/lib/i18n'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { SaveBar } from '@/ui/SaveBar'
import { RelativeTime } from '@/ui/Time'
import { changes, consentWord, type Customer, type Field, type Values } from '../model'
import { useCustomer, useErasure, useFields, useUpdate } from '../queries'
import { Erased } from './Erased'
import { Facts } from './Facts'
import { Identities } from './Identities'
import { Privacy } from './Privacy'
import { Timeline } from './Timeline'

/** One customer: facts on the left, what happened on the right. */
export function CustomerPage() {
  const { id } = useParams({ from: '/customers/$id' })
  const customer = useCustomer(id)
  const fields = useFields()
  const gone = customer.error instanceof ApiProblem && customer.error.status === 404
  const erasure = useErasure(id, gone)
  const error = customer.error ?? fields.error
  if (gone && erasure.data) return <Erased erasure={erasure.data} />
  if (gone && erasure.isLoading) return <Skeleton height={320} role="status" aria-label={t('Loading')} />
  if (error) return <ErrorState page error={error} onRetry={() => void customer.refetch()} />
  if (!customer.data || !fields.data) return <Skeleton height={320} role="status" aria-label={t('Loading')} />
  return <Sheet key={customer.data.id} customer={customer.data} fields={fields.data} reload={() => void customer.refetch()} />
}

type Props = { customer: Customer; fields: Field[]; reload: () => void }

function Sheet({ customer, fields, reload }: Props) {
  const { tab = 'timeline' } = useSearch({ from: '/customers/$id' })
  const navigate = useNavigate({ from: '/customers/$id' })
  const [edited, setEdited] = useState<Values>({})
  const save = useUpdate(customer.id)
  const values = { ...customer.values, ...edited }
  const changed = changes(customer.values, values)
  const problem = save.error instanceof ApiProblem ? save.error : null
  const keep = async () => {
    try {
      await save.mutateAsync({ values: changed, version: customer.version })
      setEdited({})
    } catch {
      // shown beside the fields
    }
  }
  const discard = () => {
    setEdited({})
    save.reset()
    if (problem?.status === 409) reload()
  }
  const go = (to: string | null) =>
    void navigate({ search: { tab: to === 'timeline' ? undefined : (to ?? undefined) }, replace: true, ignoreBlocker: true })
  const { email, last_activity_at, marketing_opt_in } = customer.values as Record<string, string & boolean>
  return (
    <>
      <PageHeader
        title={customer.name}
        breadcrumbs={[{ label: t('Customers'), to: '/customers' }]}
        sub={
          <Group gap="xs">
            <span>#{customer.id}</span>
            {email && <span>{email}</span>}
            <Badge variant="default">{t('Consent: {{answer}}', { answer: t(consentWord(marketing_opt_in)) })}</Badge>
            {last_activity_at && (
              <span>
                {t('Last activity')} <RelativeTime value={last_activity_at} />
              </span>
            )}
          </Group>
        }
      />
      <Suspense>
        {customerNotes.map(({ value, Note }) => (
          <Note key={value} customer={customer.id} />
        ))}
      </Suspense>
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 5, lg: 4 }}>
          <Facts
            customer={customer}
            fields={fields}
            values={values}
            errors={problem?.fields ?? {}}
            onChange={(key, value) => setEdited((old) => ({ ...old, [key]: value }))}
          />
          {problem && (
            <ErrorState error={new Error(sentence(problem))} onRetry={problem.status === 409 ? discard : undefined} />
          )}
          <SaveBar
            dirty={Object.keys(changed).length > 0}
            saving={save.isPending}
            onSave={() => void keep()}
            onDiscard={discard}
          />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 7, lg: 8 }}>
          <Tabs value={tab} onChange={go} keepMounted={false}>
            <Tabs.List mb="sm">
              <Tabs.Tab value="timeline">{t('Timeline')}</Tabs.Tab>
              {customerTabs.map(({ value, label }) => (
                <Tabs.Tab key={value} value={value}>
                  {t(label)}
                </Tabs.Tab>
              ))}
              <Tabs.Tab value="identities">{t('Identities')}</Tabs.Tab>
              <Tabs.Tab value="privacy">{t('Privacy')}</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="timeline">
              <Timeline customer={customer.id} />
            </Tabs.Panel>
            {customerTabs.map(({ value, Panel }) => (
              <Tabs.Panel key={value} value={value}>
                <Suspense fallback={<Skeleton height={240} role="status" aria-label={t('Loading')} />}>
                  <Panel customer={customer.id} />
                </Suspense>
              </Tabs.Panel>
            ))}
            <Tabs.Panel value="identities">
              <Identities customer={customer} />
            </Tabs.Panel>
            <Tabs.Panel value="privacy">
              <Privacy customer={customer} />
            </Tabs.Panel>
          </Tabs>
        </Grid.Col>
      </Grid>
    </>
  )
}

