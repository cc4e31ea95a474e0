import { Alert, Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { formatBytes, formatNumber } from '@/lib/numbers'
import { confirm } from '@/ui/confirm'
import { DisabledTip } from '@/ui/DisabledTip'
import { Section } from '@/ui/Section'
import { Stat } from '@/ui/Stat'
import { DateTime } from '@/ui/Time'
import { Columns } from './Columns'
import { Findings } from './Findings'
import { Labels } from './Labels'
import { type Look, type ModelFile, type Receipt, type State, whyNotFile } from './model'
import { useDecide, useDeleteFile, useScoreFile } from './queries'

type Props = { file: ModelFile; state: State; onTrain: () => void }

/** One file: what its columns are, what is dirty in it, whom it names, and what can be done with it. */
export function FileCard({ file, state, onTrain }: Props) {
  const look = file.look as Look | null
  const receipt = file.receipt as Receipt | null
  const decide = useDecide()
  const remove = useDeleteFile()
  const score = useScoreFile()
  const [draft, setDraft] = useState({ columns: file.columns, match: file.match, add: file.add })
  const isChanged = JSON.stringify(draft) !== JSON.stringify({ columns: file.columns, match: file.match, add: file.add })
  const unsaved = isChanged ? t('Save what the columns are first.') : null
  const forget = async () => {
    const sure = await confirm({ title: t('Forget this file?'), text: t('Customers and versions stay.'), action: t('Forget'), danger: true })
    if (sure) await remove.mutateAsync(file.id).catch(() => undefined)
  }
  const rate = async () => {
    const sure = await confirm({
      title: t('Score “{{name}}”?', { name: file.name }),
      text: t('The version in use scores its rows, now and with every daily run. The discovered segments then hold the customers of this file.'),
      action: t('Score'),
    })
    if (!sure) return
    await score.mutateAsync(file.id).then(() => notifications.show({ message: t('Scoring has started.') }), () => undefined)
  }
  const error = decide.error ?? remove.error ?? score.error
  return (
    <Section
      title={file.name}
      actions={
        <>
          <DisabledTip reason={file.used_by.length > 0 && t('Version {{numbers}} needs this file.', { numbers: file.used_by.join(', ') })}>
            <Button variant="subtle" color="gray" onClick={() => void forget()}>
              {t('Forget file')}
            </Button>
          </DisabledTip>
          <DisabledTip reason={unsaved ?? (state.in_use === null ? t('Deploy a version first.') : look ? null : whyNotFile(file))}>
            <Button variant="default" loading={score.isPending} onClick={() => void rate()}>
              {t('Score with the version in use')}
            </Button>
          </DisabledTip>
          <DisabledTip reason={unsaved ?? whyNotFile(file)}>
            <Button onClick={onTrain}>{t('Train on this file')}</Button>
          </DisabledTip>
        </>
      }
    >
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {t('{{count, number}} rows', { count: file.rows })} · {formatBytes(file.size)} · {file.by} · <DateTime value={file.at} />
        </Text>
        {error && <Alert color="red">{sentence(error)}</Alert>}
        {!look && <Skeleton height={80} role="status" aria-label={t('Looking into the file')} />}
        {look && (
          <>
            {look.problems.map((problem) => (
              <Alert key={problem} color="yellow" title={t('There is not enough to learn from')}>
                {problem}
              </Alert>
            ))}
            <Group gap={32}>
              <Stat label={t('Rows that can be used')} value={look.usable} of={look.rows} />
              <Stat label={t('Rows refused')} value={look.refused} hint={t('An amount is missing, negative, infinite or in words: it is never guessed.')} />
              <Stat label={t('Outlets')} value={look.outlets} />
              <Stat label={t('Customers named')} value={look.customers.named} />
              <Stat label={t('Not there yet')} value={look.customers.unmatched} of={look.customers.named} />
            </Group>
            {look.warnings.map((warning) => (
              <Text key={warning} size="sm" c="dimmed">
                {warning}
              </Text>
            ))}
            <Columns
              file={file}
              draft={draft}
              mayAdd={state.may_add}
              onChange={setDraft}
              saving={decide.isPending}
              onSave={isChanged ? () => decide.mutate({ id: file.id, ...draft }) : null}
            />
            {look.labels.length > 0 && <Labels labels={look.labels} />}
            {look.findings.length > 0 ? <Findings findings={look.findings} /> : <Text size="sm">{t('Nothing dirty was found.')}</Text>}
          </>
        )}
        {receipt && (
          <Text size="sm">
            {t('Last scoring: {{matched}} rows were customers already, {{added}} were added, {{repeated}} came twice, {{lost}} are no customers.', {
              matched: formatNumber(receipt.matched),
              added: formatNumber(receipt.added),
              repeated: formatNumber(receipt.repeated),
              lost: formatNumber(receipt.unnamed + receipt.unmatched),
            })}
          </Text>
        )}
      </Stack>
    </Section>
  )
}
