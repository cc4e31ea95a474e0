import { Anchor, Divider, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconSearch } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Fragment, useState } from 'react'
import { ApiProblem, api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { sessionQuery } from '@/lib/session'
import { SaveBar } from '@/ui/SaveBar'
import { Section } from '@/ui/Section'
import { type Organisation, organisationQuery, type Setting } from '../queries'
import { CURRENCIES, ZONES } from '../zones'
import { Retention } from './Retention'
import { SettingRow } from './SettingRow'
import { grouped } from './settings'

const valuesOf = ({ name, time_zone, currency, settings }: Organisation) => ({
  name,
  time_zone,
  currency,
  settings: Object.fromEntries(settings.map(({ key, value }) => [key, value])) as Record<string, Setting['value']>,
})
type Values = ReturnType<typeof valuesOf>

/** What was changed: a setting left as it is keeps the name of who changed it last. */
function changes(values: Values, before: Values) {
  const settings = Object.entries(values.settings).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(before.settings[key]),
  )
  return { ...values, settings: Object.fromEntries(settings) }
}

export function OrganisationForm({ organisation }: { organisation: Organisation }) {
  const queries = useQueryClient()
  const [search, setSearch] = useState('')
  const form = useForm({ initialValues: valuesOf(organisation) })
  const save = useMutation({
    mutationFn: (values: Values) => api.patch<Organisation>('/api/organisation', changes(values, valuesOf(organisation))),
    onSuccess: async (saved) => {
      form.setInitialValues(valuesOf(saved))
      form.setValues(valuesOf(saved))
      queries.setQueryData(organisationQuery.queryKey, saved)
      await queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
    },
    onError: (error) => {
      if (!(error instanceof ApiProblem)) return
      setSearch('')
      form.setErrors(error.fields)
    },
  })
  const groups = grouped(organisation.settings, search)
  return (
    <Stack maw={960}>
      <TextInput
        type="search"
        aria-label={t('Search settings')}
        placeholder={t('Search settings')}
        leftSection={<IconSearch size={15} stroke={1.6} />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        maw={360}
      />
      {!search.trim() && (
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
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                description={<Anchor component={Link} to="/settings/rates" size="xs">{t('Exchange rates of other currencies')}</Anchor>}
                searchable
                allowDeselect={false}
                data={CURRENCIES}
                {...form.getInputProps('currency')}
              />
            </SimpleGrid>
          </Stack>
        </Section>
      )}
      {groups.map(({ name, settings }) => (
        <Section key={name} title={t(name)}>
          <Stack gap="md">
            {settings.map((setting, place) => (
              <Fragment key={setting.key}>
                {place > 0 && <Divider />}
                <SettingRow setting={setting} {...form.getInputProps(`settings.${setting.key}`)} />
              </Fragment>
            ))}
            {name === 'Retention' && (
              <>
                <Divider />
                <Retention />
              </>
            )}
          </Stack>
        </Section>
      ))}
      {!groups.length && <Text c="dimmed">{t('No setting is called so. Search for other words.')}</Text>}
      <SaveBar
        dirty={form.isDirty()}
        saving={save.isPending}
        onSave={() => save.mutate(form.values)}
        onDiscard={form.reset}
      />
    </Stack>
  )
}
