import { NumberInput, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ApiProblem, api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { sessionQuery } from '@/lib/session'
import { SaveBar } from '@/ui/SaveBar'
import { Section } from '@/ui/Section'
import { type Organisation, organisationQuery, type Setting } from '../queries'
import { CURRENCIES, ZONES } from '../zones'

const valuesOf = ({ name, time_zone, currency, settings }: Organisation) => ({
  name,
  time_zone,
  currency,
  settings: Object.fromEntries(settings.map(({ key, value }) => [key, value])) as Record<string, number | string>,
})

export function OrganisationForm({ organisation }: { organisation: Organisation }) {
  const queries = useQueryClient()
  const form = useForm({ initialValues: valuesOf(organisation) })
  const save = useMutation({
    mutationFn: (values: typeof form.values) => api.patch<Organisation>('/api/organisation', values),
    onSuccess: async (saved) => {
      form.setInitialValues(valuesOf(saved))
      form.setValues(valuesOf(saved))
      queries.setQueryData(organisationQuery.queryKey, saved)
      await queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
    },
    onError: (error) => error instanceof ApiProblem && form.setErrors(error.fields),
  })
  return (
    <Stack maw={760}>
      <Section title={t('General')}>
        <Stack gap="sm">
          <TextInput label={t('Name')} required maxLength={120} {...form.getInputProps('name')} />
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <Select
              label={t('Time zone')}
              searchable
              allowDeselect={false}
              limit={80}
              data={ZONES}
              {...form.getInputProps('time_zone')}
            />
            <Select
              label={t('Currency')}
              searchable
              allowDeselect={false}
              data={CURRENCIES}
              {...form.getInputProps('currency')}
            />
          </SimpleGrid>
        </Stack>
      </Section>
      <Section title={t('Limits and times')}>
        <SimpleGrid cols={{ base: 1, xs: 2 }} verticalSpacing="sm">
          {organisation.settings.map((setting) => (
            <SettingInput key={setting.key} setting={setting} {...form.getInputProps(`settings.${setting.key}`)} />
          ))}
        </SimpleGrid>
      </Section>
      <SaveBar
        dirty={form.isDirty()}
        saving={save.isPending}
        onSave={() => save.mutate(form.values)}
        onDiscard={form.reset}
      />
    </Stack>
  )
}

type InputProps = { setting: Setting; value?: unknown; onChange?: (value: unknown) => void; error?: unknown }

function SettingInput({ setting, value, onChange, error }: InputProps) {
  const common = { label: t(setting.label), error: error as string | undefined }
  const hint = setting.hint ? `${t(setting.hint)} · ` : ''
  const standard = setting.default === '' ? t('Empty by default') : t('{{value}} by default', { value: setting.default })
  if (setting.kind === 'number')
    return (
      <NumberInput
        {...common}
        description={hint + standard}
        allowDecimal={false}
        thousandSeparator=","
        min={setting.low}
        max={setting.high}
        value={value as number}
        onChange={onChange}
      />
    )
  return (
    <TextInput
      {...common}
      description={hint + standard}
      type={setting.kind === 'time' ? 'time' : 'text'}
      value={value as string}
      onChange={(event) => onChange?.(event.currentTarget.value)}
    />
  )
}
