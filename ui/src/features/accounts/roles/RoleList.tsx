import { Badge, Button, Group, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { DisabledTip } from '@/ui/DisabledTip'
import { confirm } from '@/ui/confirm'
import { type Role, rolesQuery } from '../queries'
import { RoleEditor } from './RoleEditor'

type Editing = { role: Role | null; copy?: boolean }

/** Built-in roles can be looked at and copied, own ones changed and deleted. */
export function RoleList() {
  const queries = useQueryClient()
  const roles = useQuery(rolesQuery)
  const [editing, setEditing] = useState<Editing | null>(null)
  const remove = useMutation({
    mutationFn: (role: Role) => api.delete(`/api/roles/${role.id}`),
    onSettled: () => queries.invalidateQueries({ queryKey: rolesQuery.queryKey }),
  })
  const ask = async (role: Role) => {
    const title = t('Delete the role {{name}}?', { name: role.name })
    if (await confirm({ title, text: t('Nobody has it. This cannot be undone.'), action: t('Delete'), danger: true }))
      remove.mutate(role)
  }
  const columns: Column<Role>[] = [
    {
      accessor: 'name',
      title: t('Role'),
      fixed: true,
      render: (role) => (
        <>
          <Group gap={6}>
            <Text fw={500}>{role.name}</Text>
            {role.built_in && (
              <Badge variant="default" size="sm">
                {t('Built in')}
              </Badge>
            )}
          </Group>
          <Text size="xs" c="dimmed">
            {role.description}
          </Text>
        </>
      ),
    },
    { accessor: 'members', title: t('Users'), textAlign: 'right' },
    {
      accessor: 'actions',
      title: t('Actions'),
      fixed: true,
      textAlign: 'right',
      render: (role) => (
        <Group gap={4} justify="flex-end">
          <Button size="compact-sm" variant="subtle" onClick={() => setEditing({ role })}>
            {role.built_in ? t('View') : t('Change')}
          </Button>
          <Button size="compact-sm" variant="subtle" onClick={() => setEditing({ role, copy: true })}>
            {t('Copy')}
          </Button>
          {!role.built_in && (
            <DisabledTip reason={role.members > 0 && t('Users have this role; give them another first.')}>
              <Button size="compact-sm" variant="subtle" c="var(--mantine-color-error)" onClick={() => void ask(role)}>
                {t('Delete')}
              </Button>
            </DisabledTip>
          )}
        </Group>
      ),
    },
  ]
  return (
    <>
      <DataGrid
        id="roles"
        label={t('Roles')}
        columns={columns}
        rows={roles.data}
        error={roles.error}
        onRetry={() => void roles.refetch()}
        toolbar={
          <Button leftSection={<IconPlus size={16} stroke={1.6} />} onClick={() => setEditing({ role: null })}>
            {t('New role')}
          </Button>
        }
      />
      {editing && <RoleEditor {...editing} onClose={() => setEditing(null)} />}
    </>
  )
}
