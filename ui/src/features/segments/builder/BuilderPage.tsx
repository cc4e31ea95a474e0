import { Button, Group, SimpleGrid, Stack, Stepper, Text, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { ApiProblem } from '@/lib/client'
import { t } from '@/lib/i18n'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { SaveBar } from '@/ui/SaveBar'
import { Section } from '@/ui/Section'
import { useDraft } from '@/ui/useDraft'
import { InfoPage } from '../InfoPage'
import {
  type Begin, countsById, type DraftRule, emptyRule, errorsById, fromRule, type Menu, type Rule, type Segment, toRule,
} from '../model'
import { useMenu, usePreview, useSave, useSegment } from '../queries'
import { PreviewPanel } from './PreviewPanel'
import { RuleBuilder } from './RuleBuilder'

const ListPage = lazy(() => import('../lists/ListPage').then((part) => ({ default: part.ListPage })))

const NAME = 60
const DESCRIPTION = 250

type Edited = { name: string; description: string; rule: DraftRule }

/** /segments/new; the URL may say what it begins with. */
export function NewSegmentPage() {
  const menu = useMenu()
  const begin = useSearch({ from: '/segments/new' })
  if (menu.error) return <ErrorState page error={menu.error} onRetry={() => void menu.refetch()} />
  return menu.data ? <Builder menu={menu.data} begin={begin} /> : <PageHeader title={t('Create segment')} />
}

/** /segments/$id/edit */
export function EditSegmentPage() {
  const { id } = useParams({ from: '/segments/$id/edit' })
  const menu = useMenu()
  const segment = useSegment(id)
  const error = menu.error ?? segment.error
  if (error) return <ErrorState page error={error} onRetry={() => void segment.refetch()} />
  if (!menu.data || !segment.data) return <PageHeader title={t('Edit segment')} />
  const { name, archived, allowed } = segment.data
  const against = archived ? t('This segment is archived; unarchive it before you edit it.') : allowed.reasons.edit
  if (against || !allowed.edit)
    return (
      <>
        <PageHeader title={name} breadcrumbs={[{ label: t('Segments'), to: '/segments' }]} />
        <EmptyState title={t('This segment cannot be edited')}>{against ?? t('Your role does not allow this.')}</EmptyState>
      </>
    )
  if (segment.data.kind === 'static')
    return (
      <Suspense>
        <ListPage key={id} segment={segment.data} />
      </Suspense>
    )
  if (segment.data.kind === 'discovered') return <InfoPage key={id} segment={segment.data} />
  return <Builder key={id} menu={menu.data} segment={segment.data} />
}

function Builder({ menu, segment, begin }: { menu: Menu; segment?: Segment; begin?: Begin }) {
  const navigate = useNavigate()
  const version = segment?.rule_version
  const [initial] = useState(
    (): Edited => ({
      name: segment?.name ?? '',
      description: segment?.description ?? '',
      rule: segment ? fromRule(segment.rule as Rule) : emptyRule(),
    }),
  )
  const [first] = useState(
    (): Edited | undefined =>
      begin?.rule && { name: (begin.name ?? '').slice(0, NAME), description: '', rule: fromRule(begin.rule) },
  )
  const fresh = first ? `segment:new:${JSON.stringify(begin)}` : 'segment:new'
  const draft = useDraft<Edited>({ key: segment ? `segment:${segment.id}:${version}` : fresh, initial, begin: first })
  const { value, set } = draft
  const [step, setStep] = useState(segment || value.name ? 1 : 0)
  const sent = toRule(menu, value.rule)
  const [asked] = useDebouncedValue(JSON.stringify(sent), 350)
  const preview = usePreview(JSON.parse(asked) as typeof sent)
  const save = useSave(segment?.id)
  const problem = save.error ?? preview.error
  const errors = problem instanceof ApiProblem ? errorsById(sent?.ids ?? [], problem.errors) : {}
  const own = save.error instanceof ApiProblem ? save.error.fields : {}
  const named = value.name.trim() !== ''
  const reason = !named
    ? t('Give the segment a name first.')
    : !sent
      ? t('Fill in at least one condition.')
      : sent.open > 0
        ? t('Fill in every condition, or remove it.')
        : null
  const submit = async () => {
    if (!sent || reason) return
    const { name, description } = value
    const body = { name, description, rule: sent.rule, ...(version ? { rule_version: version } : {}) }
    const made = await save.mutateAsync(body).catch(() => null)
    if (!made) return
    draft.saved()
    notifications.show({ message: t('“{{name}}” is saved. Its membership is being calculated.', { name: made.name }) })
    await navigate({ to: '/segments/$id', params: { id: made.id }, ignoreBlocker: true })
  }
  /** Nothing of what was typed is kept, on this device either. */
  const cancel = () => {
    draft.discard()
    void (segment
      ? navigate({ to: '/segments/$id', params: { id: segment.id }, ignoreBlocker: true })
      : navigate({ to: '/segments', ignoreBlocker: true }))
  }
  const info = (
    <Section title={t('Segment info')}>
      <Stack gap="sm" maw={560}>
        <TextInput
          label={t('Segment name')}
          required
          maxLength={NAME}
          description={`${value.name.length}/${NAME}`}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={value.name}
          error={own.name}
          onChange={(event) => set({ ...value, name: event.currentTarget.value })}
          data-autofocus
        />
        <Textarea
          label={t('Description')}
          autosize
          minRows={2}
          maxLength={DESCRIPTION}
          description={`${value.description.length}/${DESCRIPTION}`}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          value={value.description}
          error={own.description}
          onChange={(event) => set({ ...value, description: event.currentTarget.value })}
        />
        <Group gap="xs">
          <Button onClick={() => setStep(1)}>{t('Continue to the rules')}</Button>
          {!draft.dirty && (
            <Button variant="default" onClick={cancel}>
              {t('Cancel')}
            </Button>
          )}
        </Group>
      </Stack>
    </Section>
  )
  const counts = preview.data ? countsById(preview.data.ids, preview.data.conditions) : {}
  const rules = (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Section title={t('Rules')}>
        <RuleBuilder
          menu={menu}
          draft={value.rule}
          onChange={(rule) => set({ ...value, rule })}
          counts={counts}
          errors={errors}
        />
      </Section>
      <PreviewPanel
        sent={sent}
        found={preview.data}
        fetching={preview.isFetching}
        problem={preview.error ? preview.error.message : undefined}
      />
    </SimpleGrid>
  )
  return (
    <>
      <PageHeader
        title={segment ? t('Edit {{name}}', { name: segment.name }) : t('Create segment')}
        breadcrumbs={[{ label: t('Segments'), to: '/segments' }]}
        sub={value.name && step === 1 ? value.name : undefined}
      />
      <Stepper active={step} onStepClick={setStep} size="xs" mb="md" allowNextStepsSelect>
        <Stepper.Step label={t('Info')}>{info}</Stepper.Step>
        <Stepper.Step label={t('Rules')}>{rules}</Stepper.Step>
      </Stepper>
      {save.error && (
        <Text c="var(--mantine-color-error)" role="alert">
          {save.error.message}
        </Text>
      )}
      <SaveBar
        dirty={draft.dirty}
        saving={save.isPending}
        draftAt={draft.draftAt}
        reason={reason}
        label={t('Save segment')}
        onSave={() => void submit()}
        discardLabel={t('Cancel')}
        onDiscard={cancel}
      />
    </>
  )
}
