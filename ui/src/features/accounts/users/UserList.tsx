import { Button, Text } from '@mantine/core'
import { IconUserPlus } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { usePages } from '@/lib/query'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { EmptyState } from '@/ui/EmptyState'
import { SearchInput } from '@/ui/SearchInput'
import { StatusBadge } from '@/ui/StatusBadge'
import { RelativeTime } from '@/ui/Time'
import { userStatus } from '../model'
import type { Invited, User } from '../queries'
import { Handover } from './Handover'
import { UserActions } from './UserActions'
import { UserForm } from './UserForm'

/** Every user; adding, changing and shutting out. */
export function UserList() {
  const { q } = useSearch({ from: '/settings/users' })
  const navigate = useNavigate({ from: '/settings/users' })
  const pages = usePages<User>('/api/users', { q })
  const [form, setForm] = useState<{ user: User | null } | null>(null)
  const [made, setMade] = useState<Omit<Invited, 'user'> & { name: string } | null>(null)

  const columns: Column<User>[] = [
    {
      accessor: 'name',
      title: t('Name'),
      fixed: true,
      render: (user) => (
        <>
          <Text fw={500}>{user.name}</Text>
          <Text size="xs" c="dimmed">
            {user.email}
          </Text>
        </>
      ),
    },
    { accessor: 'role.name', title: t('Role') },
    { accessor: 'status', title: t('Status'), render: (user) => <StatusBadge {...userStatus(user)} /> },
    {
      accessor: 'factors',
      title: t('Second factor'),
      render: (user) => (user.factors ? t('Yes') : t('No')),
    },
    { accessor: 'last_login', title: t('Last sign-in'), render: (user) => <RelativeTime value={user.last_login} /> },
    { accessor: 'time_zone', title: t('Time zone'), hidden: true },
    {
      accessor: 'actions',
      title: t('Actions'),
      fixed: true,
      textAlign: 'right',
      render: (user) => (
        <UserActions
          user={user}
          onEdit={() => setForm({ user })}
          onLink={(link) => setMade({ name: user.name, link, one_time_password: null })}
        />
      ),
    },
  ]
  return (
    <>
      <DataGrid
        id="users"
        label={t('Users')}
        columns={columns}
        {...pages}
        toolbar={
          <>
            <SearchInput
              label={t('Search users')}
              value={q}
              onChange={(next) => void navigate({ search: (old) => ({ ...old, q: next }), replace: true })}
            />
            <Button leftSection={<IconUserPlus size={16} stroke={1.6} />} onClick={() => setForm({ user: null })}>
              {t('Add user')}
            </Button>
          </>
        }
        empty={
          <EmptyState title={t('No user matches')}>{t('Search for another part of a name or address.')}</EmptyState>
        }
      />
      {form && (
        <UserForm
          user={form.user}
          onClose={() => setForm(null)}
          onMade={({ user, ...ways }) => setMade({ name: user.name, ...ways })}
        />
      )}
      {made && <Handover {...made} password={made.one_time_password} onClose={() => setMade(null)} />}
    </>
  )
}
