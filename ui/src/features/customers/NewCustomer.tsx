import { Alert, Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useNavigate } from '@tanstack/react-router'
import { ApiProblem, sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { useCreate } from './queries'

const EMPTY = { full_name: '', email: '', phone: '', customer_id: '', source: '' }
const LABELS: [keyof typeof EMPTY, string][] = [
  ['full_name', t('Full name')],
  ['email', t('Email')],
  ['phone', t('Phone number')],
  ['customer_id', t('Customer ID')],
  ['source', t('Source')],
]

/** Adds one customer; the rest of the fields are filled in on its page, which opens afterwards. */
export function NewCustomer({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const form = useForm({ initialValues: EMPTY })
  const navigate = useNavigate()
  const create = useCreate()
  const save = form.onSubmit(async (values) => {
    try {
      const made = await create.mutateAsync(values)
      form.reset()
      onClose()
      await navigate({ to: '/customers/$id', params: { id: String(made.id) } })
    } catch (error) {
      if (error instanceof ApiProblem) form.setErrors(error.fields)
    }
  })
  return (
    <Modal opened={opened} onClose={onClose} title={t('New customer')}>
      <form onSubmit={save}>
      <Stack gap="sm">
        {create.error && <Alert color="red">{sentence(create.error)}</Alert>}
        {LABELS.map(([key, label]) => (
          <TextInput key={key} label={label} data-autofocus={key === 'full_name' || undefined} {...form.getInputProps(key)} />
        ))}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>{t('Cancel')}</Button>
          <Button type="submit" loading={create.isPending}>{t('Add customer')}</Button>
        </Group>
      </Stack>
      </form>
    </Modal>
  )
}
