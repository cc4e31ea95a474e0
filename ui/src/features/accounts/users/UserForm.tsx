import { Button, Group, Modal, Radio, Select, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ApiProblem, api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { useSession } from '@/lib/session'
import { type Invited, rolesQuery, signInQuery, type User } from '../queries'
import { ZONES } from '../zones'

type Props = { user: User | null; onClose: () => void; onMade: (made: Invited) => void }

/** Adds a user, or changes one. */
export function UserForm({ user, onClose, onMade }: Props) {
  const queries = useQueryClient()
  const { organisation } = useSession()
  const roles = useQuery(rolesQuery)
  const mail = useQuery(signInQuery).data?.mail ?? false
  const form = useForm({
    initialValues: {
      name: user?.name ?? '',
      email: user?.email ?? '',
      role: user?.role.id ?? null,
      time_zone: user?.time_zone ?? organisation.time_zone,
      invite: 'link',
    },
  })
  const save = useMutation({
    mutationFn: async ({ invite, ...facts }: typeof form.values) => {
      if (user) await api.patch(`/api/users/${user.id}`, facts)
      else onMade(await api.post<Invited>('/api/users', { ...facts, invite }))
    },
    onSuccess: async () => {
      onClose()
      await queries.invalidateQueries({ queryKey: ['/api/users'] })
      await queries.invalidateQueries({ queryKey: ['/api/roles'] })
    },
    onError: (error) => error instanceof ApiProblem && form.setErrors(error.fields),
  })
  return (
    <Modal opened onClose={onClose} title={user ? t('Change {{name}}', { name: user.name }) : t('Add user')}>
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack gap="sm">
          <TextInput label={t('Name')} required data-autofocus {...form.getInputProps('name')} />
          <TextInput label={t('Email')} type="email" required {...form.getInputProps('email')} />
          <Select
            label={t('Role')}
            required
            allowDeselect={false}
            data={roles.data?.map(({ id, name }) => ({ value: id, label: name })) ?? []}
            {...form.getInputProps('role')}
          />
          <Select label={t('Time zone')} searchable limit={80} data={ZONES} {...form.getInputProps('time_zone')} />
          {!user && (
            <Radio.Group label={t('First password')} {...form.getInputProps('invite')}>
              <Stack gap={6} mt={6}>
                {mail && <Radio value="mail" label={t('Mail a link to choose one')} />}
                <Radio value="link" label={t('Show me a link that I hand over')} />
                <Radio value="password" label={t('Show me a one-time password that I hand over')} />
              </Stack>
            </Radio.Group>
          )}
          <Group justify="flex-end" mt="xs">
            <Button variant="default" onClick={onClose}>
              {t('Cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {user ? t('Save') : t('Add user')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
