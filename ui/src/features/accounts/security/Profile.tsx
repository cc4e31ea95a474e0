import { Button, Group, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ApiProblem, api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { sessionQuery, useSession } from '@/lib/session'
import { Section } from '@/ui/Section'
import { ZONES } from '../zones'

export function Profile() {
  const { user } = useSession()
  const queries = useQueryClient()
  const form = useForm({ initialValues: { name: user.name, time_zone: user.time_zone ?? 'UTC' } })
  const save = useMutation({
    mutationFn: (values: typeof form.values) => api.patch('/api/profile', values),
    onSuccess: async () => {
      form.resetDirty()
      await queries.invalidateQueries({ queryKey: sessionQuery.queryKey })
    },
    onError: (error) => error instanceof ApiProblem && form.setErrors(error.fields),
  })
  return (
    <Section title={t('Profile')}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Group align="flex-end" gap="sm">
          <TextInput label={t('Name')} required flex="1 1 200px" {...form.getInputProps('name')} />
          <Select
            label={t('Time zone')}
            searchable
            allowDeselect={false}
            limit={80}
            data={ZONES}
            flex="1 1 200px"
            {...form.getInputProps('time_zone')}
          />
          <Button type="submit" variant="default" loading={save.isPending}>
            {t('Save profile')}
          </Button>
        </Group>
      </form>
    </Section>
  )
}
