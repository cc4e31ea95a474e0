import { Tabs } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { PageHeader } from '@/ui/PageHeader'
import { RoleList } from './roles/RoleList'
import { UserList } from './users/UserList'

export function UsersPage() {
  const { tab = 'users' } = useSearch({ from: '/settings/users' })
  const navigate = useNavigate({ from: '/settings/users' })
  return (
    <>
      <PageHeader title={t('Users & roles')} sub={t('Who operates CEAP here, and what each may see and do.')} />
      <Tabs
        value={tab}
        onChange={(next) => void navigate({ search: next === 'roles' ? { tab: 'roles' } : {} })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="users">{t('Users')}</Tabs.Tab>
          <Tabs.Tab value="roles">{t('Roles')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="users">
          <UserList />
        </Tabs.Panel>
        <Tabs.Panel value="roles">
          <RoleList />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}
