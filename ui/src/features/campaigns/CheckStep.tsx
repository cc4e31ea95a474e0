import { Alert, Anchor, Button, Group, List, Skeleton, Stack, Text } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import { t } from '@/lib/i18n'
import { formatMoney } from '@/lib/numbers'
import { confirm } from '@/ui/confirm'
import { DisabledTip } from '@/ui/DisabledTip'
import { ErrorState } from '@/ui/ErrorState'
import { Section } from '@/ui/Section'
import { Stat } from '@/ui/Stat'
import { type Campaign, type Checklist, formOf, reasonAgainst, STEP_LABELS, type Step, stepOf } from './model'
import { useVerb } from './queries'

const MARKS = {
  ok: { icon: IconCircleCheck, colour: 'var(--mantine-color-green-7)', words: 'In order' },
  warning: { icon: IconAlertTriangle, colour: 'var(--mantine-color-yellow-7)', words: 'Hint' },
  error: { icon: IconCircleX, colour: 'var(--mantine-color-red-7)', words: 'Stands in the way' },
}

type Props = { campaign: Campaign; checklist: Checklist | undefined; error: unknown; dirty: boolean; onGo: (step: Step) => void }

/** What is in order and what is not, how many it will reach and what that costs, and the button that sends. */
export function CheckStep({ campaign, checklist, error, dirty, onGo }: Props) {
  if (error && !checklist) return <ErrorState error={error} />
  if (!checklist) return <Skeleton h={320} />
  const { checks, matched, will_receive, cost, currency } = checklist
  return (
    <Stack>
      {dirty && <Alert color="blue">{t('The checks are of the campaign as it was last saved.')}</Alert>}
      <Section title={t('Expected')}>
        <Group gap={40}>
          <Stat label={t('Matched')} value={matched} />
          <Stat label={t('Will receive it')} value={will_receive} of={matched} hint={t('As the gate says now: consent, suppression, address and cap are asked again before each message.')} />
          <Stat label={t('Cost')} value={formatMoney(Number(cost), currency)} />
        </Group>
      </Section>
      <Section title={t('Checks')}>
        <List spacing="xs" listStyleType="none" pl={0} ml={0} center>
          {checks.map(({ key, level, message, step }) => {
            const { icon: Icon, colour, words } = MARKS[level]
            const to = stepOf(step)
            return (
              <List.Item
                key={key}
                icon={<Icon size={20} color={colour} role="img" aria-label={t(words)} style={{ display: 'block' }} />}
              >
                <Text size="sm">
                  {message}{' '}
                  {level !== 'ok' && to !== 'check' && (
                    <Anchor component="button" type="button" inherit underline="always" onClick={() => onGo(to)}>
                      {t('Go to {{step}}', { step: t(STEP_LABELS[to]) })}
                    </Anchor>
                  )}
                </Text>
              </List.Item>
            )
          })}
        </List>
      </Section>
      <Actions campaign={campaign} checklist={checklist} dirty={dirty} />
    </Stack>
  )
}

function Actions({ campaign, checklist, dirty }: { campaign: Campaign; checklist: Checklist; dirty: boolean }) {
  const verb = useVerb(campaign.id)
  const { checks, launchable, will_receive } = checklist
  const isUnsaved = dirty && t('Save it first.')
  const needsApproval = checks.some(({ key, level }) => key === 'approval' && level === 'error')
  const first = checks.find(({ level }) => level === 'error')?.message
  const isLater = formOf(campaign).when === 'at'
  const launch = async () => {
    const isSure = await confirm({
      title: isLater ? t('Put “{{name}}” on the schedule?', campaign) : t('Send “{{name}}” now?', campaign),
      text: t('It can be paused and cancelled on the way; what has been handed over cannot be called back.'),
      action: isLater ? t('Schedule for') : t('Send to'),
      count: will_receive,
      things: will_receive === 1 ? t('person') : t('people'),
    })
    if (isSure) verb.mutate({ verb: 'launch', version: campaign.version })
  }
  return (
    <Group justify="flex-end" gap="xs">
      {needsApproval && (
        <DisabledTip reason={reasonAgainst(!!campaign.may.edit, isUnsaved, campaign.awaiting_approval && t('Approval has been asked for.'))}>
          <Button variant="default" onClick={() => verb.mutate({ verb: 'request-approval' })}>
            {t('Ask for approval')}
          </Button>
        </DisabledTip>
      )}
      {needsApproval && campaign.may.approve && (
        <DisabledTip reason={isUnsaved}>
          <Button variant="light" onClick={() => verb.mutate({ verb: 'approve', version: campaign.version })}>
            {t('Approve')}
          </Button>
        </DisabledTip>
      )}
      <DisabledTip reason={reasonAgainst(!!campaign.may.launch, isUnsaved, !launchable && (first ?? t('The checks are not complete.')))}>
        <Button onClick={() => void launch()} loading={verb.isPending}>
          {isLater ? t('Schedule') : t('Launch')}
        </Button>
      </DisabledTip>
    </Group>
  )
}
