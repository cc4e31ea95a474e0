import { Button, Group, Loader, Modal, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ApiProblem, api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { useSession } from '@/lib/session'
import { type Grants, permissionsQuery, type Role, rolesQuery } from '../queries'
import { GrantPicker } from './GrantPicker'

type Props = { role: Role | null; copy?: boolean; onClose: () => void }

/** A role's name and its permission levels; read-only for built-in ones. */
export function RoleEditor({ role, copy, onClose }: Props) {
  const queries = useQueryClient()
  const mine = useSession().permissions
  const permissions = useQuery(permissionsQuery)
  const readOnly = !!role?.built_in && !copy
  const form = useForm<{ name: string; description: string; grants: Grants }>({
    initialValues: {
      name: role ? (copy ? t('Copy of {{name}}', { name: role.name }) : role.name) : '',
      description: role?.description ?? '',
      grants: role?.grants ?? {},
    },
  })
  const save = useMutation({
    mutationFn: (values: typeof form.values) =>
      role && !copy ? api.patch(`/api/roles/${role.id}`, values) : api.post('/api/roles', values),
    onSuccess: async () => {
      onClose()
      await queries.invalidateQueries({ queryKey: rolesQuery.queryKey })
    },
    onError: (error) => error instanceof ApiProblem && form.setErrors(error.fields),
  })
  const title = readOnly ? role.name : role && !copy ? t('Change {{name}}', { name: role.name }) : t('New role')
  return (
    <Modal opened onClose={onClose} title={title} size="lg">
      <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <Stack gap="sm">
          {!readOnly && (
            <>
              <TextInput label={t('Name')} required maxLength={60} data-autofocus {...form.getInputProps('name')} />
              <TextInput label={t('Description')} maxLength={250} {...form.getInputProps('description')} />
            </>
          )}
          {permissions.data ? (
            <GrantPicker
              permissions={permissions.data.items}
              value={form.values.grants}
              limit={mine}
              readOnly={readOnly}
              onChange={(grants) => form.setFieldValue('grants', grants)}
            />
          ) : (
            <Loader />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {readOnly ? t('Close') : t('Cancel')}
            </Button>
            {!readOnly && (
              <Button type="submit" loading={save.isPending}>
                {t('Save role')}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
