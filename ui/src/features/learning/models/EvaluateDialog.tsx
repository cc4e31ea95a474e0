import { Alert, Button, Modal, Select, Stack, Table } from '@mantine/core'
import { useState } from 'react'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { DisabledTip } from '@/ui/DisabledTip'
import { JobProgress } from '@/ui/JobProgress'
import { metricName } from './model'
import { useEvaluate, useFiles } from './queries'
import { Wide } from './Wide'

type Result = { metrics: Record<string, number> }

/** How a version does on the customers of another file; its labels, where it has them, are the truth. */
export function EvaluateDialog({ version, onClose }: { version: number; onClose: () => void }) {
  const { data } = useFiles(true)
  const [file, setFile] = useState<string | null>(null)
  const [job, setJob] = useState<string | null>(null)
  const evaluate = useEvaluate(version)
  const start = () => file && evaluate.mutate(file, { onSuccess: (started) => setJob(started.job) })
  return (
    <Modal opened onClose={onClose} title={t('Evaluate version {{version}} on a file', { version })} size="lg">
      <Stack>
        <Select
          label={t('File')}
          description={t('With a column set to “Label to learn”, the version is measured against those labels.')}
          placeholder={data?.total ? t('Choose a file') : t('No file was uploaded yet')}
          data={(data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={file}
          onChange={setFile}
        />
        {evaluate.error && <Alert color="red">{sentence(evaluate.error)}</Alert>}
        <DisabledTip reason={file ? null : t('Choose a file.')}>
          <Button w="fit-content" loading={evaluate.isPending} onClick={start}>
            {t('Evaluate')}
          </Button>
        </DisabledTip>
        {job && (
          <JobProgress<Result> id={job} key={job} label={t('Evaluating')}>
            {({ result }) =>
              result && (
                <Wide label={t('Metrics')}>
                  <Table.Tbody>
                    {Object.entries(result.metrics).map(([name, value]) => (
                      <Table.Tr key={name}>
                        <Table.Th scope="row" fw={400}>
                          {metricName(name)}
                        </Table.Th>
                        <Table.Td ta="right">{Number.isInteger(value) && value > 1 ? formatNumber(value) : value.toFixed(3)}</Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Wide>
              )
            }
          </JobProgress>
        )}
      </Stack>
    </Modal>
  )
}
