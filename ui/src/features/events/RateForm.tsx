import '@mantine/dates/styles.layer.css'
import { Alert, Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core'
import { DateInput } from '@mantine/dates'
import { useForm } from '@mantine/form'
import { ApiProblem, sentence } from '@/lib/client'
import { addDays, dayOf } from '@/lib/dates'
import { t } from '@/lib/i18n'
import { changes, faults, othersThan, placed } from './model'
import { type Rate, useChangeRates } from './queries'

/** What the form begins with: a rate that is changed, or what is known of a new one. */
export type Start = { before?: Rate; currency?: string; day?: string }

export function RateForm({ start, own, onClose }: { start: Start; own: string; onClose: () => void }) {
  const { before = null } = start
  const save = useChangeRates()
  const form = useForm({
    initialValues: {
      day: before?.day ?? start.day ?? dayOf(),
      currency: before?.currency ?? start.currency ?? '',
      rate: before?.rate ?? '',
    },
    validate: (values) => Object.fromEntries(Object.entries(faults({ ...values, rate: values.rate.trim() })).map(([name, words]) => [name, t(words)])),
  })
  const submit = form.onSubmit((values) =>
    save.mutate(changes({ ...values, rate: values.rate.trim() }, before), {
      onSuccess: onClose,
      onError: (error) => error instanceof ApiProblem && form.setErrors(placed(error.fields)),
    }),
  )
  return (
    <Modal opened onClose={onClose} title={before ? t('Change a rate') : t('Add a rate')}>
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          {save.error && <Alert color="red">{sentence(save.error)}</Alert>}
          <Select label={t('Currency')} required searchable limit={80} allowDeselect={false} data={othersThan(own)} {...form.getInputProps('currency')} />
          <DateInput
            label={t('From the day')}
            description={t('It holds until the day of the next rate.')}
            required
            valueFormat="D MMM YYYY"
            maxDate={addDays(dayOf(), 1)}
            {...form.getInputProps('day')}
          />
          <TextInput
            label={form.values.currency ? t('What 1 {{currency}} is worth, in {{own}}', { currency: form.values.currency, own }) : t('What one unit is worth, in {{own}}', { own })}
            required
            inputMode="decimal"
            data-autofocus
            {...form.getInputProps('rate')}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{t('Cancel')}</Button>
            <Button type="submit" loading={save.isPending}>{t('Save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
