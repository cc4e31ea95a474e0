import { Alert, FileInput, Progress, Skeleton, Stack, Text } from '@mantine/core'
import { IconFile } from '@tabler/icons-react'
import { useState } from 'react'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { Section } from '@/ui/Section'
import { FileCard } from './FileCard'
import type { State } from './model'
import { useFiles, useUpload } from './queries'

type Props = { state: State; onTrain: (file: string) => void }

/** Files to learn from and to score: uploaded, looked at, their columns decided. */
export function FilesTab({ state, onTrain }: Props) {
  const [share, setShare] = useState(0)
  const { data, error, refetch } = useFiles(true)
  const send = useUpload(setShare)
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />
  return (
    <Stack>
      <Section title={t('Upload a file')}>
        <Stack gap="sm">
          <FileInput
            label={t('Table of customers')}
            description={t('CSV or Parquet with one row a customer: an id, the outlet, sales by category, perhaps a label. Nothing is changed by uploading it.')}
            placeholder={t('Choose a file')}
            leftSection={<IconFile size={16} />}
            accept=".csv,.tsv,.txt,.parquet"
            styles={{ placeholder: { color: 'var(--mantine-color-dimmed)' } }}
            maw={560}
            value={null}
            disabled={send.isPending}
            onChange={(file) => {
              if (file) send.mutate(file)
            }}
          />
          {send.isPending && (
            <>
              <Progress value={share} aria-label={t('Upload')} />
              <Text size="sm" c="dimmed" role="status">
                {share < 100 ? t('Uploading') : t('Reading the file')}
              </Text>
            </>
          )}
          {send.error && (
            <Alert color="red" title={t('This file was not taken')}>
              {sentence(send.error)}
            </Alert>
          )}
        </Stack>
      </Section>
      {!data && <Skeleton height={160} role="status" aria-label={t('Loading')} />}
      {data && !data.total && (
        <EmptyState title={t('No file yet')}>{t('Models can learn from purchases without any file.')}</EmptyState>
      )}
      {data?.items.map((file) => (
        <FileCard key={`${file.id} ${file.look ? 'seen' : 'waiting'}`} file={file} state={state} onTrain={() => onTrain(file.id)} />
      ))}
    </Stack>
  )
}
