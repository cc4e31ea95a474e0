import { Button, Checkbox, Group, Modal, MultiSelect, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { ApiProblem } from '@/lib/client'
import { t } from '@/lib/i18n'
import { SecretReveal } from '@/ui/SecretReveal'
import { HAPPENINGS, type Webhook } from './model'
import { useCreate, useEdit, useSegmentNames } from './queries'

type Props = { webhook?: Webhook; onClose: () => void }

/** Makes a webhook and shows its secret, once; or changes one. */
export function WebhookForm({ webhook, onClose }: Props) {
  const names = useSegmentNames().data?.items ?? []
  const create = useCreate()
  const edit = useEdit(webhook?.id ?? '')
  const form = useForm({
    initialValues: {
      url: webhook?.url ?? '',
      description: webhook?.description ?? '',
      events: webhook?.events ?? HAPPENINGS.map(({ value }) => value),
      segments: webhook?.segments ?? [],
      identities: webhook?.identities ?? false,
    },
  })
  const refused = (error: unknown) => error instanceof ApiProblem && form.setErrors(error.fields)
  const save = (values: typeof form.values) =>
    webhook
      ? edit.mutate({ ...values, on: webhook.state === 'on' }, { onSuccess: ({ secret }) => secret || onClose(), onError: refused })
      : create.mutate(values, { onError: refused })
  const secret = create.data?.secret ?? edit.data?.secret
  if (secret)
    return (
      <Modal opened onClose={onClose} title={webhook ? t('The new secret') : t('The new webhook')} closeOnClickOutside={false}>
        <Stack>
          {webhook && <Text size="sm">{t('The address is of another server: what it is sent is signed with a secret of its own.')}</Text>}
          <SecretReveal label={t('Secret that signs what is sent')} value={secret} />
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('Done')}</Button>
          </Group>
        </Stack>
      </Modal>
    )
  const known = names.map(({ id, name }) => ({ value: id, label: name }))
  const gone = form.values.segments
    .filter((id) => !known.some(({ value }) => value === id))
    .map((id) => ({ value: id, label: id }))
  return (
    <Modal opened onClose={onClose} title={webhook ? t('Edit webhook') : t('New webhook')}>
      <form onSubmit={form.onSubmit(save)}>
        <Stack gap="sm">
          <TextInput
            label={t('Address')}
            description={t('Of your server; it answers with 2xx when it has taken what was sent.')}
            placeholder="https://example.org/ceap"
            required
            type="url"
            maxLength={2000}
            data-autofocus
            {...form.getInputProps('url')}
          />
          <TextInput label={t('Description')} maxLength={250} {...form.getInputProps('description')} />
          <Checkbox.Group label={t('Tell it when')} {...form.getInputProps('events')}>
            <Stack gap={6} mt={6}>
              {HAPPENINGS.map(({ value, label }) => (
                <Checkbox key={value} value={value} label={t(label)} />
              ))}
            </Stack>
          </Checkbox.Group>
          <MultiSelect
            label={t('Segments')}
            description={t('None chosen: every segment.')}
            searchable
            clearable
            limit={50}
            data={[...known, ...gone]}
            {...form.getInputProps('segments')}
          />
          <Checkbox
            label={t('With identities')}
            description={t('Customer ID, email, phone and the like leave CEAP. Without, customers are told by their number alone.')}
            {...form.getInputProps('identities', { type: 'checkbox' })}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('Cancel')}
            </Button>
            <Button type="submit" loading={create.isPending || edit.isPending}>
              {webhook ? t('Save') : t('Make the webhook')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
