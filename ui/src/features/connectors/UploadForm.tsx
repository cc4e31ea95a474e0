import { Alert, Button, FileInput, Group, Progress, Select, Stack, Text } from '@mantine/core'
import { IconFile, IconUpload } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { useSession } from '@/lib/session'
import { upload } from '@/lib/upload'
import { DisabledTip } from '@/ui/DisabledTip'
import { type Import, TARGETS } from './model'

/** Sends a file, telling how far it is; nothing is brought in yet. */
export function UploadForm({ onUploaded }: { onUploaded: (made: Import) => void }) {
  const session = useSession()
  const [target, setTarget] = useState('customers')
  const [file, setFile] = useState<File | null>(null)
  const [share, setShare] = useState(0)
  const send = useMutation({
    mutationFn: (chosen: File) => {
      const body = new FormData()
      body.append('target', target)
      body.append('file', chosen)
      return upload<Import>('/api/connectors/imports', body, {
        onProgress: (sent, total) => setShare(total ? (sent / total) * 100 : 0),
      })
    },
    meta: { quiet: true },
    onSuccess: onUploaded,
    onSettled: () => setShare(0),
  })
  return (
    <Stack gap="sm">
      {send.error && <Alert color="red" title={t('This file was not taken')}>{sentence(send.error)}</Alert>}
      <Group align="flex-end" gap="sm">
        <Select
          label={t('The file holds')}
          data={TARGETS.filter(({ permission }) => !permission || (session.permissions[permission] ?? 'disabled') !== 'disabled').map(({ value, label }) => ({ value, label: t(label) }))}
          value={target}
          allowDeselect={false}
          w={160}
          onChange={(next) => setTarget(next ?? 'customers')}
        />
        <FileInput
          label={t('File')}
          placeholder={t('CSV, XLSX or Parquet')}
          leftSection={<IconFile size={16} />}
          accept=".csv,.tsv,.txt,.xlsx,.parquet"
          clearable
          styles={{ placeholder: { color: 'var(--mantine-color-dimmed)' } }}
          flex={1}
          miw={220}
          value={file}
          onChange={setFile}
        />
        <DisabledTip reason={file ? null : t('Choose a file first.')}>
          <Button leftSection={<IconUpload size={16} />} loading={send.isPending} onClick={() => file && send.mutate(file)}>
            {t('Upload')}
          </Button>
        </DisabledTip>
      </Group>
      {send.isPending && <Progress value={share} aria-label={t('Upload')} />}
      <Text size="xs" c="dimmed">
        {t('Encoding, delimiter and sheet are detected and can be chosen. Nothing changes until you have seen a check and started the import.')}
      </Text>
    </Stack>
  )
}
