import { Alert, Anchor, Button, FileButton, Group, Image, Input, Modal, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { sentence } from '@/lib/client'
import { formatDateTime } from '@/lib/dates'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { type Field, fileUrl, type Signature } from '../model'
import { useAddFile, useRemoveFile } from '../queries'
import { SignaturePad } from './SignaturePad'

type Props = { customer: number; field: Field; value: unknown; error?: string; editable: boolean }

/** A customer's signature: drawn on the screen, kept at once with the moment of signing. */
export function SignatureInput({ customer, field, value, error, editable }: Props) {
  const [signing, sign] = useState(false)
  const remove = useRemoveFile(customer)
  const signature = value as Signature | null
  const url = signature ? fileUrl(customer, signature.file) : ''
  const ask = async () => {
    const text = t('The signature is deleted for good.')
    if (await confirm({ title: t('Delete this signature?'), text, action: t('Delete signature'), danger: true })) remove.mutate(signature?.file ?? '')
  }
  return (
    <Input.Wrapper label={field.label} labelElement="div" size="sm" error={error ?? (remove.error && sentence(remove.error))}>
      <Stack gap={6} role="group" aria-label={field.label}>
        {url && (
          <Anchor href={url} target="_blank" rel="noreferrer">
            <Image src={url} alt={t('Signature')} mah={90} w="auto" maw="100%" fit="contain" bg="white" radius="sm" />
          </Anchor>
        )}
        <Text size="sm">{signature ? t('Signed {{when}}', { when: formatDateTime(signature.signed_at) }) : t('Not signed')}</Text>
        {editable && (
          <Group gap="xs">
            <Button variant="default" size="compact-sm" onClick={() => sign(true)}>{signature ? t('Sign again') : t('Sign')}</Button>
            {url && <Button variant="subtle" color="gray" size="compact-sm" onClick={() => void ask()}>{t('Delete')}</Button>}
          </Group>
        )}
      </Stack>
      {signing && <Signing customer={customer} field={field} onClose={() => sign(false)} />}
    </Input.Wrapper>
  )
}

function Signing({ customer, field, onClose }: { customer: number; field: Field; onClose: () => void }) {
  const [sheet, renew] = useState(0)
  const [drawn, draw] = useState<HTMLCanvasElement | null>(null)
  const add = useAddFile(customer, field.key)
  const keep = async (file: File) => {
    try {
      await add.mutateAsync(file)
      onClose()
    } catch {
      // shown above the sheet
    }
  }
  const save = () => drawn?.toBlob((blob) => blob && void keep(new File([blob], 'signature.png', { type: 'image/png' })))
  const clear = () => {
    renew(sheet + 1)
    draw(null)
    add.reset()
  }
  return (
    <Modal opened onClose={onClose} title={field.label} size="lg">
      <Stack gap="sm">
        {add.error && <Alert color="red">{sentence(add.error)}</Alert>}
        <Text size="sm" c="dimmed">{t('Sign on the sheet with a pen, a finger or the mouse.')}</Text>
        <SignaturePad key={sheet} onDraw={draw} />
        <Group justify="space-between" gap="xs">
          <Group gap="xs">
            <Button variant="subtle" color="gray" onClick={clear}>{t('Clear')}</Button>
            <FileButton accept="image/png" onChange={(file) => file && void keep(file)}>
              {(props) => <Button {...props} variant="subtle" color="gray">{t('Choose a picture (PNG)')}</Button>}
            </FileButton>
          </Group>
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>{t('Cancel')}</Button>
            <Button onClick={save} disabled={!drawn} loading={add.isPending}>{t('Save signature')}</Button>
          </Group>
        </Group>
      </Stack>
    </Modal>
  )
}
