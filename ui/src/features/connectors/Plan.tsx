import { Alert, Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { ErrorState } from '@/ui/ErrorState'
import { Section } from '@/ui/Section'
import { Stat } from '@/ui/Stat'
import { FileForm } from './FileForm'
import { Findings } from './Findings'
import { Mapping } from './Mapping'
import { type Checked, choicesOf, type Import, isSamePlan, mappingOf, type Options, type Preview, startOptions, withDecided } from './model'
import { OptionsForm } from './OptionsForm'
import { useCheck, usePreview, useStart } from './queries'
import { Sample } from './Sample'

/** What the columns are and how to go about it; a check before anything is changed. */
export function Plan({ row }: { row: Import }) {
  const { data, error, refetch } = usePreview(row.id)
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton height={320} role="status" aria-label={t('Reading the file')} />
  return <Planned row={row} preview={data} />
}

/** What the person decided stands when the file is read another way, for the columns that are still there. */
function Planned({ row, preview }: { row: Import; preview: Preview }) {
  const [decided, setDecided] = useState<Record<string, string>>({})
  const [how, setHow] = useState<Partial<Options>>({})
  const choices = withDecided(choicesOf(preview.columns), decided)
  const options = { ...startOptions(row.target, choices, preview), ...how }
  const check = useCheck(row.id)
  const start = useStart(row.id)
  const plan = { mapping: mappingOf(choices), options, form: row.form }
  const outlook = check.variables && isSamePlan(check.variables, plan) ? check.data : undefined
  const begin = async () => {
    const text = row.rows == null ? t('The whole file is brought in.') : t('About {{count, number}} rows are brought in.', { count: row.rows })
    if (await confirm({ title: t('Start the import?'), text, action: t('Start import') })) start.mutate(plan)
  }
  const problem = start.error ?? check.error
  return (
    <Stack>
      <Section title={t('How the file is read')}>
        <FileForm row={row} preview={preview} />
      </Section>
      <Section title={t('First rows')}>
        <Sample preview={preview} />
      </Section>
      <Section title={t('Columns')}>
        <Mapping target={row.target} preview={preview} choices={choices} onChange={(column, choice) => setDecided({ ...decided, [column]: choice })} />
      </Section>
      <Section title={t('How')}>
        <OptionsForm target={row.target} preview={preview} options={options} onChange={(next) => setHow({ ...how, ...next })} />
      </Section>
      {problem && <Alert color="red" title={t('It cannot be done like this')}>{sentence(problem)}</Alert>}
      {outlook && <Outlook checked={outlook} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" loading={check.isPending} onClick={() => check.mutate(plan)}>{t('Check')}</Button>
        <Button loading={start.isPending} onClick={() => void begin()}>{t('Start import')}</Button>
      </Group>
    </Stack>
  )
}

function Outlook({ checked }: { checked: Checked }) {
  return (
    <Section title={t('What would happen')}>
      <Text size="sm" c="dimmed" mb="sm" role="status">
        {checked.all
          ? t('All {{count, number}} rows were tried; nothing was changed.', { count: checked.rows })
          : t('The first {{count, number}} rows were tried; nothing was changed.', { count: checked.rows })}
      </Text>
      <Group gap="xl" mb="sm">
        <Stat label={t('Created')} value={checked.created} />
        <Stat label={t('Updated')} value={checked.updated} />
        <Stat label={t('Unchanged')} value={checked.unchanged} />
        <Stat label={t('Rejected')} value={checked.rejected} />
      </Group>
      {checked.findings.length > 0 && <Findings findings={checked.findings} />}
    </Section>
  )
}
