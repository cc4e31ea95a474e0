import { Anchor, Modal, Stack, Text } from '@mantine/core'
import { t } from '@/lib/i18n'
import { JobProgress } from './JobProgress'

type Manifest = { rows: number; columns: number; sha256: string }

/** How far an export of customers is, then its file. */
export const ExportJob = ({ job, onClose }: { job: string | null; onClose: () => void }) => (
  <Modal opened={job !== null} onClose={onClose} title={t('Export customers')}>
    {job && (
      <JobProgress<Manifest> id={job} label={t('Export customers')}>
        {({ result, state }) =>
          state === 'done' && result && (
            <Stack gap="xs">
              <Anchor href={`/api/customers/exports/${job}/file`} download>
                {t('Download {{count, number}} rows', { count: result.rows })}
              </Anchor>
              <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                {t('{{columns}} columns · SHA-256 {{sha}}', { columns: result.columns, sha: result.sha256 })}
              </Text>
            </Stack>
          )
        }
      </JobProgress>
    )}
  </Modal>
)
