import { ActionIcon, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { useSession } from '@/lib/session'
import { confirm } from '@/ui/confirm'
import type { Link, User } from '../queries'

type Props = { user: User; onEdit: () => void; onLink: (link: Link) => void }

export function UserActions({ user, onEdit, onLink }: Props) {
  const queries = useQueryClient()
  const me = useSession().user.id
  const act = useMutation({
    mutationFn: (verb: string) => api.post(`/api/users/${user.id}/${verb}`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['/api/users'] }),
  })
  const link = useMutation({
    mutationFn: () => api.post<Link>(`/api/users/${user.id}/reset-link`, { mail: false }),
    onSuccess: onLink,
  })
  const name = user.name

  const deactivate = async () => {
    const text = t('{{name}} is signed out everywhere at once and cannot sign in. What {{name}} made stays.', { name })
    if (await confirm({ title: t('Deactivate {{name}}?', { name }), text, action: t('Deactivate'), danger: true }))
      act.mutate('deactivate')
  }
  const removeFactors = async () => {
    const text = t('Authenticator app, passkeys and recovery codes go; the password alone is enough to sign in.')
    const title = t('Remove the second factors of {{name}}?', { name })
    if (await confirm({ title, text, action: t('Remove'), danger: true })) act.mutate('remove-second-factors')
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t('Actions for {{name}}', { name })}>
          <IconDots size={16} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={onEdit}>{t('Change')}</Menu.Item>
        {user.is_active && <Menu.Item onClick={() => link.mutate()}>{t('Link to set a password')}</Menu.Item>}
        {user.factors > 0 && <Menu.Item onClick={() => void removeFactors()}>{t('Remove second factors')}</Menu.Item>}
        {user.is_active && String(user.id) !== me && (
          <Menu.Item c="var(--mantine-color-error)" onClick={() => void deactivate()}>
            {t('Deactivate')}
          </Menu.Item>
        )}
        {!user.is_active && <Menu.Item onClick={() => act.mutate('activate')}>{t('Activate')}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  )
}
