import { Alert, Button, Group, Modal, Select, Stack, TagsInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { ApiProblem, api, sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import type { Field } from '../model'
import { useWrite } from '../queries'
import { TYPES } from '@/lib/fieldTypes'

const WITH_OPTIONS = new Set(['dropdown', 'multiple'])

/** Adds a field, or changes what can be changed of one: its label and options. */
export function FieldForm({ field, onClose }: { field: Field | null; onClose: () => void }) {
  const form = useForm({
    initialValues: { label: field?.label ?? '', type: field?.type ?? 'text', options: field?.options ?? [] },
  })
  const save = useWrite(
    ({ label, type, options }: typeof form.values) => {
      const kept = WITH_OPTIONS.has(type) ? options : []
      return field
        ? api.patch(`/api/customers/fields/${field.id}`, { label, ...(WITH_OPTIONS.has(type) && { options: kept }) })
        : api.post('/api/customers/fields', { label, type, options: kept })
    },
    { quiet: true },
  )
  const submit = form.onSubmit(async (values) => {
    try {
      await save.mutateAsync(values)
      onClose()
    } catch (error) {
      if (error instanceof ApiProblem) form.setErrors(error.fields)
    }
  })
  return (
    <Modal opened onClose={onClose} title={field ? t('Edit field') : t('Add field')}>
      <form onSubmit={submit}>
      <Stack gap="sm">
        {save.error && <Alert color="red">{sentence(save.error)}</Alert>}
        <TextInput label={t('Label')} required maxLength={80} data-autofocus {...form.getInputProps('label')} />
        <Select
          label={t('Type')}
          description={field ? t('The type cannot be changed: values would be lost.') : undefined}
          data={[...TYPES].map(([value, label]) => ({ value, label: t(label) }))}
          readOnly={!!field}
          allowDeselect={false}
          {...form.getInputProps('type')}
        />
        {WITH_OPTIONS.has(form.values.type) && (
          <TagsInput label={t('Options')} description={t('Press Enter after each; without options any text is allowed.')} {...form.getInputProps('options')} />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>{t('Cancel')}</Button>
          <Button type="submit" loading={save.isPending}>{t('Save field')}</Button>
        </Group>
      </Stack>
      </form>
    </Modal>
  )
}
