import { Alert, Button, Group, Menu, Stack, Tabs } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconDots } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { ApiProblem } from '@/lib/client'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { PageHeader } from '@/ui/PageHeader'
import { SaveBar } from '@/ui/SaveBar'
import { StatusBadge } from '@/ui/StatusBadge'
import { useDraft } from '@/ui/useDraft'
import { AudienceStep } from './AudienceStep'
import { CheckStep } from './CheckStep'
import { MessageStep } from './MessageStep'
import { bodyOf, type Campaign, type Form, formOf, levels, reasonAgainst, STEP_LABELS, STEPS, type Step, type StepProps } from './model'
import { useChecklist, useRemove, useSave, useVerb } from './queries'
import { ScheduleStep } from './ScheduleStep'

const MARKS = {
  ok: { icon: IconCircleCheck, colour: 'var(--mantine-color-green-7)', words: 'in order' },
  warning: { icon: IconAlertTriangle, colour: 'var(--mantine-color-yellow-7)', words: 'has a hint' },
  error: { icon: IconCircleX, colour: 'var(--mantine-color-red-7)', words: 'not complete' },
}

/** A draft in four steps; what is typed is kept on this device until it is saved. */
export function Editor({ campaign }: { campaign: Campaign }) {
  const { step = 'audience' } = useSearch({ from: '/campaigns/$id' })
  const navigate = useNavigate({ from: '/campaigns/$id' })
  const draft = useDraft<Form>({ key: `campaign:${campaign.id}`, initial: formOf(campaign) })
  const checklist = useChecklist(campaign.id, campaign.version)
  const save = useSave(campaign.id)
  const errors = save.error instanceof ApiProblem ? save.error.fields : {}
  const readOnly = !campaign.may.edit
  const form = draft.value

  const go = (to: Step) => void navigate({ search: { step: to }, replace: true })
  const submit = async () => {
    await save.mutateAsync({ ...bodyOf(form), version: campaign.version })
    draft.saved()
  }
  const next = async () => {
    if (draft.dirty) await submit()
    go(STEPS[STEPS.indexOf(step) + 1] ?? 'check')
  }
  const props: StepProps = {
    campaign,
    form,
    errors,
    readOnly,
    change: (part) => {
      save.reset()
      draft.set({ ...form, ...part })
    },
  }
  const marks = levels(checklist.data?.checks ?? [])
  return (
    <>
      <PageHeader
        title={form.name || t('Campaign')}
        breadcrumbs={[{ label: t('Campaigns'), to: '/campaigns' }]}
        sub={
          campaign.awaiting_approval ? <StatusBadge status="pending" label={t('Awaiting approval')} /> : <StatusBadge status="draft" />
        }
        actions={<More campaign={campaign} />}
      />
      <Stack gap="md">
        {readOnly && <Alert color="gray">{t('You may look at this draft, not change it.')}</Alert>}
        {save.error && (
          <Alert color="red" title={t('It was not saved')} role="alert">
            {save.error.message}
          </Alert>
        )}
        {draft.restored && draft.dirty && (
          <Alert color="blue" title={t('Your draft is back')}>
            {draft.outdated
              ? t('The campaign has changed since you left this unsaved: compare before you save, or discard it.')
              : t('You left it unsaved on this device.')}
          </Alert>
        )}
        <Tabs value={step} onChange={(to) => go(to as Step)} keepMounted={false}>
          <Tabs.List mb="md" aria-label={t('Steps')}>
            {STEPS.map((one, index) => {
              const { icon: Icon, colour, words } = MARKS[marks[one]]
              return (
                <Tabs.Tab
                  key={one}
                  value={one}
                  rightSection={checklist.data && <Icon size={16} color={colour} role="img" aria-label={t(words)} />}
                >
                  {index + 1}. {t(STEP_LABELS[one])}
                </Tabs.Tab>
              )
            })}
          </Tabs.List>
          <Tabs.Panel value="audience">
            <AudienceStep {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="message">
            <MessageStep {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="schedule">
            <ScheduleStep {...props} />
          </Tabs.Panel>
          <Tabs.Panel value="check">
            <CheckStep campaign={campaign} checklist={checklist.data} error={checklist.error} dirty={draft.dirty} onGo={go} />
          </Tabs.Panel>
        </Tabs>
        {step !== 'check' && (
          <Group>
            <Button onClick={() => void next()} loading={save.isPending} variant={draft.dirty ? 'filled' : 'light'}>
              {draft.dirty && !readOnly ? t('Save and continue') : t('Continue')}
            </Button>
          </Group>
        )}
      </Stack>
      <SaveBar
        dirty={draft.dirty && !readOnly}
        saving={save.isPending}
        onSave={() => void submit()}
        onDiscard={() => {
          save.reset()
          draft.discard()
        }}
        draftAt={draft.draftAt}
        reason={!form.name.trim() ? t('Give the campaign a name.') : null}
      />
    </>
  )
}

function More({ campaign }: { campaign: Campaign }) {
  const navigate = useNavigate()
  const verb = useVerb(campaign.id)
  const remove = useRemove()
  const duplicate = async () => {
    const { id } = await verb.mutateAsync({ verb: 'duplicate' })
    await navigate({ to: '/campaigns/$id', params: { id } })
  }
  const askToRemove = async () => {
    const text = t('The draft “{{name}}” is gone for good.', { name: campaign.name })
    if (!(await confirm({ title: t('Delete this draft?'), text, action: t('Delete'), danger: true }))) return
    await navigate({ to: '/campaigns', ignoreBlocker: true })
    remove.mutate(campaign.id)
  }
  const against = reasonAgainst(!!campaign.may.edit)
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="default" rightSection={<IconDots size={16} />}>
          {t('More')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void duplicate()}>{t('Duplicate')}</Menu.Item>
        {!against && (
          <Menu.Item color="red" onClick={() => void askToRemove()}>
            {t('Delete')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
