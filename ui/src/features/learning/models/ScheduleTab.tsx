import { Alert, Button, Group, NumberInput, Radio, Select, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { ApiProblem, sentence } from '@/lib/client'
import { formatDateTime } from '@/lib/dates'
import { t } from '@/lib/i18n'
import { DisabledTip } from '@/ui/DisabledTip'
import { ErrorState } from '@/ui/ErrorState'
import { Section } from '@/ui/Section'
import { DateTime } from '@/ui/Time'
import { type Plan, type PlanIn, WEEKDAYS } from './model'
import { usePlan, useSetPlan } from './queries'

/** When the model is trained again, and who puts the new version to use. */
export function ScheduleTab({ reason }: { reason: string | null }) {
  const { data, error, refetch } = usePlan()
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton height={240} role="status" aria-label={t('Loading')} />
  return <Form key={data.set_at} plan={data} reason={reason} />
}

function Form({ plan, reason }: { plan: Plan; reason: string | null }) {
  const { every, weekday, day, at, deploy, segments, seed } = plan
  const [draft, setDraft] = useState<PlanIn>({ every, weekday, day, at, deploy, segments, seed })
  const save = useSetPlan()
  const fields = save.error instanceof ApiProblem ? save.error.fields : {}
  const change = (part: Partial<PlanIn>) => setDraft((before) => ({ ...before, ...part }))
  const store = () =>
    void save.mutateAsync(draft).then(() => notifications.show({ message: t('The schedule is saved.') }), () => undefined)
  return (
    <Section title={t('Train again')}>
      <Stack maw={640}>
        <Text size="sm">
          {t('On what the version in use scores: purchases, or its file. The new version stands as a candidate, compared with the one in use on the same customers.')}
        </Text>
        <Radio.Group label={t('How often')} value={draft.every} onChange={(next) => change({ every: next as PlanIn['every'] })}>
          <Group mt={4}>
            <Radio value="off" label={t('Off')} />
            <Radio value="weekly" label={t('Every week')} />
            <Radio value="monthly" label={t('Every month')} />
          </Group>
        </Radio.Group>
        {draft.every !== 'off' && (
          <>
            <Group align="flex-start">
              {draft.every === 'weekly' ? (
                <Select
                  label={t('Day')}
                  data={WEEKDAYS.map((name, number) => ({ value: String(number), label: t(name) }))}
                  value={String(draft.weekday)}
                  allowDeselect={false}
                  onChange={(next) => change({ weekday: Number(next) })}
                  error={fields.weekday}
                />
              ) : (
                <NumberInput label={t('Day of the month')} min={1} max={28} allowDecimal={false} value={draft.day} onChange={(next) => change({ day: Number(next) })} error={fields.day} />
              )}
              <TextInput type="time" label={t('At')} description={plan.time_zone} inputWrapperOrder={['label', 'input', 'description', 'error']} value={draft.at} onChange={(event) => change({ at: event.currentTarget.value })} error={fields.at} />
              <NumberInput
                label={t('Number of segments')}
                description={t('Left empty: chosen')}
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                min={2}
                max={50}
                allowDecimal={false}
                value={draft.segments ?? ''}
                onChange={(next) => change({ segments: next === '' ? null : Number(next) })}
                error={fields.segments}
              />
            </Group>
            <Radio.Group label={t('Who puts it to use')} value={draft.deploy} onChange={(next) => change({ deploy: next as PlanIn['deploy'] })}>
              <Stack gap="xs" mt={4}>
                <Radio value="person" label={t('A person, after looking at the comparison')} />
                <Radio value="automatic" label={t('By itself, when it is not worse than the one in use')} />
              </Stack>
            </Radio.Group>
          </>
        )}
        {plan.next && (
          <Text size="sm">
            {t('Next')}: <DateTime value={plan.next} />
          </Text>
        )}
        {plan.missed_at && (
          <Text size="sm" c="dimmed">
            {t('Nothing ran at {{at}}: that training was made up for.', { at: formatDateTime(plan.missed_at) })}
          </Text>
        )}
        {plan.set_by && (
          <Text size="sm" c="dimmed">
            {t('Set by {{by}}', { by: plan.set_by })} · <DateTime value={plan.set_at} />
          </Text>
        )}
        {save.error && <Alert color="red">{sentence(save.error)}</Alert>}
        <Group>
          <DisabledTip reason={reason}>
            <Button loading={save.isPending} onClick={store}>
              {t('Save schedule')}
            </Button>
          </DisabledTip>
        </Group>
      </Stack>
    </Section>
  )
}
