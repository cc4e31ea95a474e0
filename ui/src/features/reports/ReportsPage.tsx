import { Tabs } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { PageHeader } from '@/ui/PageHeader'
import { History } from './History'
import { Schedules } from './Schedules'

export function ReportsPage() {
  const { tab = 'history' } = useSearch({ from: '/reports' })
  const navigate = useNavigate({ from: '/reports' })
  return (
    <>
      <PageHeader title={t('Reports')} sub={t('Every report that was made of a segment or a campaign, and those that are made by themselves.')} />
      <Tabs value={tab} onChange={(next) => void navigate({ search: next === 'scheduled' ? { tab: 'scheduled' } : {} })} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="history">{t('History')}</Tabs.Tab>
          <Tabs.Tab value="scheduled">{t('Scheduled')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="history">
          <History />
        </Tabs.Panel>
        <Tabs.Panel value="scheduled">
          <Schedules />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}
