import { Alert, Badge, Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { DisabledTip } from '@/ui/DisabledTip'
import { Section } from '@/ui/Section'
import { Stat } from '@/ui/Stat'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime } from '@/ui/Time'
import { ComparisonDialog } from './ComparisonDialog'
import { EvaluateDialog } from './EvaluateDialog'
import type { Found, State, Version } from './model'
import { useDeploy } from './queries'
import { VersionDetails } from './VersionDetails'

type Props = { version: Version; state: State; reason: string | null }
type Data = { file?: string; rows?: number; usable?: number; refused?: number }

/** One version: what it is, what it says of itself, and putting it to use. */
export function VersionCard({ version, state, reason }: Props) {
  const [open, { toggle }] = useDisclosure(version.in_use)
  const [comparing, compare] = useDisclosure(false)
  const [evaluating, evaluate] = useDisclosure(false)
  const deploy = useDeploy()
  const number = version.version
  const isOlder = state.in_use !== null && number < state.in_use
  const data = version.data as Data
  const segments = version.segments as Found[]
  const put = async () => {
    const sure = await confirm({
      title: isOlder ? t('Roll back to version {{number}}?', { number }) : t('Deploy version {{number}}?', { number }),
      text: t('All customers are scored by it, and the discovered segments get their members from it. The former version stays and can be deployed again.'),
      action: isOlder ? t('Roll back') : t('Deploy'),
    })
    if (!sure) return
    await deploy.mutateAsync(number).then(
      () => notifications.show({ message: t('Version {{number}} is in use. Its segments get their members now.', { number }) }),
      () => undefined,
    )
  }
  return (
    <Section
      title={t('Version {{number}}', { number })}
      actions={
        <>
          {state.may_train && version.mode && !version.damaged && (
            <Button variant="default" onClick={evaluate.open}>
              {t('Evaluate on a file')}
            </Button>
          )}
          {!version.in_use && state.in_use !== null && !version.damaged && (
            <Button variant="default" onClick={compare.open}>
              {t('Compare with the one in use')}
            </Button>
          )}
          {!version.in_use && (
            <DisabledTip reason={reason ?? version.damaged}>
              <Button variant={isOlder ? 'default' : 'filled'} loading={deploy.isPending} onClick={() => void put()}>
                {isOlder ? t('Roll back') : t('Deploy')}
              </Button>
            </DisabledTip>
          )}
        </>
      }
    >
      <Stack gap="sm">
        <Group gap="xs">
          {version.in_use && <StatusBadge status="live" label={t('In use')} />}
          {version.mode && <Badge variant="default">{version.mode === 'labels' ? t('Learns labels') : t('Discovers segments')}</Badge>}
          {version.scheduled && <Badge variant="default">{t('On schedule')}</Badge>}
          {version.trained_at && (
            <Text size="sm" c="dimmed">
              {t('Trained by {{by}}', { by: version.trained_by })} · <DateTime value={version.trained_at} /> ·{' '}
              {version.source === 'purchases' ? t('on purchases') : t('on “{{file}}”', { file: data.file })}
            </Text>
          )}
        </Group>
        {version.damaged && <Alert color="red">{version.damaged}</Alert>}
        {deploy.error && <Alert color="red">{sentence(deploy.error)}</Alert>}
        {version.mode && (
          <>
            <Group gap={32}>
              <Stat label={t('Rows used')} value={data.usable} of={data.rows} />
              <Stat label={t('Rows refused')} value={data.refused} />
              <Stat label={t('Segments')} value={segments.length} />
            </Group>
            <Text>{String(version.metrics.verdict ?? '')}</Text>
            {version.warnings.map((warning) => (
              <Text key={warning} size="sm" c="dimmed">
                {warning}
              </Text>
            ))}
            <Button variant="subtle" size="compact-sm" w="fit-content" aria-expanded={open} onClick={toggle}>
              {open ? t('Hide details') : t('Show metrics, segments and findings')}
            </Button>
            {open && <VersionDetails version={version} />}
          </>
        )}
      </Stack>
      {comparing && <ComparisonDialog version={number} mayCompare={state.may_train} onClose={compare.close} />}
      {evaluating && <EvaluateDialog version={number} onClose={evaluate.close} />}
    </Section>
  )
}

