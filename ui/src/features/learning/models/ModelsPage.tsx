import { Alert, Button, Group, Skeleton, Stack, Tabs, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { DisabledTip } from '@/ui/DisabledTip'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { DateTime } from '@/ui/Time'
import { DriftTab } from './DriftTab'
import { FilesTab } from './FilesTab'
import { JournalTab } from './JournalTab'
import type { State } from './model'
import { useModelState } from './queries'
import { RecommendationsTab } from './RecommendationsTab'
import { ScheduleTab } from './ScheduleTab'
import type { Tab } from './tabs'
import { TrainDialog } from './TrainDialog'
import { VersionsTab } from './VersionsTab'
import { Work } from './Work'

const NAMES: Record<Tab, string> = {
  versions: 'Versions',
  files: 'Files',
  drift: 'Drift',
  schedule: 'Schedule',
  recommendations: 'Recommendations',
  journal: 'Journal',
}

/** /segmentation/models: the life of the model that segments customers. */
export function ModelsPage() {
  const { tab = 'versions' } = useSearch({ from: '/segmentation/models' })
  const navigate = useNavigate({ from: '/segmentation/models' })
  const [training, setTraining] = useState<string | true | null>(null)
  const { data: state, error, refetch } = useModelState()
  if (error && !state) return <ErrorState page error={error} onRetry={() => void refetch()} />
  if (!state) return <Skeleton height={320} role="status" aria-label={t('Loading')} />
  const reason = state.may_train ? null : t('This needs the permission “Train and deploy models”; ask an administrator for it.')
  const tabs = (Object.keys(NAMES) as Tab[]).filter((one) => one !== 'files' || state.may_train)
  return (
    <>
      <PageHeader
        title={t('Models')}
        breadcrumbs={[{ label: t('Segmentation'), to: '/segmentation' }]}
        sub={<InUse state={state} />}
        actions={
          <DisabledTip reason={reason}>
            <Button onClick={() => setTraining(true)}>{t('Train a version')}</Button>
          </DisabledTip>
        }
      />
      <Stack>
        {state.damaged && (
          <Alert color="red" icon={<IconAlertTriangle />} title={t('The model in use cannot be used')}>
            {state.damaged}
          </Alert>
        )}
        <Work state={state} />
        <Tabs value={tab} keepMounted={false} onChange={(next) => void navigate({ search: { tab: next as Tab }, replace: true })}>
          <Tabs.List mb="md" style={{ flexWrap: 'nowrap', overflowX: 'auto', overflowY: 'hidden' }}>
            {tabs.map((one) => (
              <Tabs.Tab key={one} value={one}>
                {t(NAMES[one])}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="versions">
            <VersionsTab state={state} reason={reason} onTrain={() => setTraining(true)} />
          </Tabs.Panel>
          <Tabs.Panel value="files">
            <FilesTab state={state} onTrain={setTraining} />
          </Tabs.Panel>
          <Tabs.Panel value="drift">
            <DriftTab inUse={state.in_use} />
          </Tabs.Panel>
          <Tabs.Panel value="schedule">
            <ScheduleTab reason={reason} />
          </Tabs.Panel>
          <Tabs.Panel value="recommendations">
            <RecommendationsTab reason={reason} />
          </Tabs.Panel>
          <Tabs.Panel value="journal">
            <JournalTab />
          </Tabs.Panel>
        </Tabs>
      </Stack>
      {training && <TrainDialog file={training === true ? null : training} onClose={() => setTraining(null)} />}
    </>
  )
}

function InUse({ state: { in_use, scored } }: { state: State }) {
  if (in_use === null) return <Text size="sm">{t('No version is in use yet.')}</Text>
  return (
    <Group gap={6}>
      <span>{t('Version {{version}} is in use.', { version: in_use })}</span>
      {scored && (
        <span>
          {scored.source === 'purchases' ? t('Scores purchases, as of') : t('Scores “{{file}}”, as of', { file: scored.source })}{' '}
          <DateTime value={scored.as_of} />
          {scored.version !== in_use && ` ${t('(still by version {{version}})', { version: scored.version })}`}
        </span>
      )}
    </Group>
  )
}
