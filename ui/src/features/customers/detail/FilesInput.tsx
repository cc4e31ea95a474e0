import { ActionIcon, Anchor, Button, FileButton, Group, Image, Input, Stack, Text } from '@mantine/core'
import { IconPaperclip, IconTrash } from '@tabler/icons-react'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { type Field, fileUrl, isPicture, type KeptFile } from '../model'
import { useAddFile, useRemoveFile } from '../queries'

type Props = { customer: number; field: Field; value: unknown; error?: string; editable: boolean }

/** A customer's files in one field; they are kept at once, not with the rest of the form. */
export function FilesInput({ customer, field, value, error, editable }: Props) {
  const add = useAddFile(customer, field.key)
  const remove = useRemoveFile(customer)
  const files = (value as KeptFile[] | null) ?? []
  const failed = add.error ?? remove.error
  const ask = async ({ name, file }: KeptFile) => {
    const text = t('“{{name}}” is deleted for good.', { name })
    if (await confirm({ title: t('Delete this file?'), text, action: t('Delete file'), danger: true })) remove.mutate(file)
  }
  return (
    <Input.Wrapper label={field.label} labelElement="div" size="sm" error={error ?? (failed && sentence(failed))}>
      <Stack gap={6} role="group" aria-label={field.label}>
        {files.map((entry) => (
          <Group key={entry.file} gap="xs" wrap="nowrap">
            <FileLink customer={customer} entry={entry} />
            {editable && fileUrl(customer, entry.file) && (
              <ActionIcon variant="subtle" color="gray" aria-label={t('Delete {{name}}', { name: entry.name })} onClick={() => void ask(entry)}>
                <IconTrash size={15} />
              </ActionIcon>
            )}
          </Group>
        ))}
        {files.length === 0 && !editable && <Text size="sm">–</Text>}
        {editable && (
          <FileButton onChange={(file) => file && add.mutate(file)}>
            {(props) => (
              <Button {...props} variant="default" size="compact-sm" w="fit-content" loading={add.isPending} leftSection={<IconPaperclip size={14} />}>
                {t('Add a file')}
              </Button>
            )}
          </FileButton>
        )}
      </Stack>
    </Input.Wrapper>
  )
}

function FileLink({ customer, entry }: { customer: number; entry: KeptFile }) {
  const url = fileUrl(customer, entry.file)
  if (!url) return <Text size="sm" style={{ overflowWrap: 'anywhere' }}>{entry.name}</Text>
  return (
    <Anchor href={url} target="_blank" rel="noreferrer" size="sm" style={{ overflowWrap: 'anywhere' }}>
      {isPicture(entry.name) && <Image src={url} alt={entry.name} mah={120} w="auto" maw="100%" fit="contain" radius="sm" />}
      {entry.name}
    </Anchor>
  )
}
