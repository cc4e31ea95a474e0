import { Alert, Button, Group, Modal, NumberInput, Radio, Select, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { ApiProblem, sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { DisabledTip } from '@/ui/DisabledTip'
import { hasLabels, lacksPeople, whyNotFile } from './model'
import { useFiles, useTrain } from './queries'

type Props = { file: string | null; onClose: () => void }

/** What to learn from, how many segments, and the seed. */
export function TrainDialog({ file: given, onClose }: Props) {
  const { data } = useFiles(true)
  const [from, setFrom] = useState(given ? 'file' : 'purchases')
  const [file, setFile] = useState(given)
  const [segments, setSegments] = useState<number | string>('')
  const [seed, setSeed] = useState<number | string>(1)
  const train = useTrain()
  const chosen = from === 'file' ? data?.items.find(({ id }) => id === file) : undefined
  const labels = hasLabels(chosen)
  const reason = from === 'file' ? whyNotFile(chosen) : null
  const fields = train.error instanceof ApiProblem ? train.error.fields : {}
  const start = async () => {
    const what = { file: from === 'file' ? file : null, seed: Number(seed) || 0, segments: labels || segments === '' ? null : Number(segments) }
    await train.mutateAsync(what).then(
      () => {
        notifications.show({ message: t('Training has started. The new version stands as a candidate until somebody deploys it.') })
        onClose()
      },
      () => undefined,
    )
  }
  return (
    <Modal opened onClose={onClose} title={t('Train a version')} size="lg">
      <Stack>
        <Radio.Group label={t('Learn from')} value={from} onChange={setFrom}>
          <Stack gap="xs" mt={4}>
            <Radio value="purchases" label={t('All purchases')} description={t('What customers bought, brought together to one row a customer; ages from dates of birth.')} />
            <Radio value="file" label={t('A file')} description={t('One row a customer, or lines of purchases. Upload it under Files first.')} />
          </Stack>
        </Radio.Group>
        {from === 'file' && (
          <Select
            label={t('File')}
            placeholder={data?.total ? t('Choose a file') : t('No file was uploaded yet')}
            data={(data?.items ?? []).map(({ id, name, rows }) => ({ value: id, label: t('{{name}} ({{count, number}} rows)', { name, count: rows }) }))}
            value={file}
            onChange={setFile}
            error={fields.file}
          />
        )}
        {from === 'file' && chosen && reason && <Alert color="yellow">{reason}</Alert>}
        {lacksPeople(chosen) > 0 && (
          <Text size="sm">
            {t('{{rows}} customers of this file are not there yet. Unless they are added (Files → “Add the customers that are not there yet”), segments will be without them.', { rows: formatNumber(lacksPeople(chosen)) })}
          </Text>
        )}
        <Text size="sm">
          {labels
            ? t('The labels of the file are learnt: a version says which label a customer would have.')
            : t('Segments are discovered: customers who buy alike are brought together.')}
        </Text>
        <Group align="flex-start" grow>
          {!labels && (
            <NumberInput
              label={t('Number of segments')}
              description={t('Left empty: chosen by stability and separation')}
              min={2}
              max={50}
              allowDecimal={false}
              value={segments}
              onChange={setSegments}
              error={fields.segments}
            />
          )}
          <NumberInput
            label={t('Seed')}
            description={t('The same seed and data give exactly the same version')}
            min={0}
            max={4294967295}
            allowDecimal={false}
            value={seed}
            onChange={setSeed}
            error={fields.seed}
          />
        </Group>
        {train.error && <Alert color="red">{sentence(train.error)}</Alert>}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('Cancel')}
          </Button>
          <DisabledTip reason={reason}>
            <Button loading={train.isPending} onClick={() => void start()}>
              {t('Start training')}
            </Button>
          </DisabledTip>
        </Group>
      </Stack>
    </Modal>
  )
}
