import {
  Avatar,
  Badge,
  Button,
  Kbd,
  Popover,
  SegmentedControl,
  Stack,
  Text,
  Tooltip,
  UnstyledButton,
  useMantineColorScheme,
} from '@mantine/core'
import { useInterval } from '@mantine/hooks'
import { IconLogout, IconSearch } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem, api } from '@/lib/client'
import { formatDate, formatTime, viewerZone, zoneOffset } from '@/lib/dates'
import { t } from '@/lib/i18n'
import { useSession } from '@/lib/session'
import classes from './Shell.module.css'

export const SearchButton = ({ onOpen }: { onOpen: () => void }) => (
  <UnstyledButton className={classes.search} onClick={onOpen} title={t('Search or go to')}>
    <IconSearch size={16} stroke={1.6} aria-hidden />
    <span className={classes.searchText}>
      {t('Search or go to')}
    </span>
    <Kbd size="xs" visibleFrom="sm">
      Ctrl K
    </Kbd>
  </UnstyledButton>
)

/** Says when what is shown was made up. */
export function Environment() {
  const { synthetic, label } = useSession().environment
  if (!synthetic) return null
  return (
    <Tooltip label={t('{{label}}: names, addresses and consent here are made up.', { label })}>
      <Badge variant="outline" color="orange" c="light-dark(#a04100, var(--mantine-color-orange-4))">
        {t('synthetic data')}
      </Badge>
    </Tooltip>
  )
}

/** The time in the viewer's zone; the organisation's zone on hover when it is another. */
export function Clock() {
  const { organisation } = useSession()
  const [now, setNow] = useState(Date.now)
  useInterval(() => setNow(Date.now()), 5_000, { autoInvoke: true })
  const zone = viewerZone()
  const there =
    organisation.time_zone === zone
      ? ''
      : ` · ${organisation.name}: ${formatTime(now, organisation.time_zone)} (${organisation.time_zone})`
  return (
    <Tooltip label={`${formatDate(now)} · ${zone}${there}`}>
      <Text component="time" size="sm" c="dimmed" visibleFrom="sm" style={{ whiteSpace: 'nowrap' }}>
        {formatTime(now)} {zoneOffset(now)}
      </Text>
    </Tooltip>
  )
}

const initials = (name: string) =>
  name
    .split(/\s+/)
    .map((word) => word[0])
    .slice(0, 2)
    .join('')
    .toUpperCase()

/** Who is signed in, the colour scheme, the way out. */
export function UserMenu() {
  const { user } = useSession()
  const queries = useQueryClient()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const signOut = useMutation({
    mutationFn: async () => {
      // allauth answers a successful sign-out with 401: "not signed in any more".
      await api.delete('/_allauth/browser/v1/auth/session').catch((error: unknown) => {
        if (!(error instanceof ApiProblem && error.status === 401)) throw error
      })
    },
    onSuccess: () => {
      queries.clear()
      window.location.assign('/login')
    },
  })
  return (
    <Popover position="bottom-end" width={240} shadow="md" trapFocus>
      <Popover.Target>
        <UnstyledButton
          aria-label={t('{{initials}}: account of {{name}}', { initials: initials(user.name), name: user.name })}
          style={{ borderRadius: '50%' }}
        >
          <Avatar size={30} radius="xl" variant="filled" color="petrol">
            {initials(user.name)}
          </Avatar>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label={t('Account')}>
        <Stack gap="sm">
          <div>
            <Text fw={600}>{user.name}</Text>
            <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {user.email}
            </Text>
            <Text size="sm" c="dimmed">
              {user.role}
            </Text>
          </div>
          <SegmentedControl
            size="xs"
            fullWidth
            aria-label={t('Colour scheme')}
            value={colorScheme}
            onChange={(scheme) => setColorScheme(scheme as typeof colorScheme)}
            data={[
              { value: 'light', label: t('Light') },
              { value: 'dark', label: t('Dark') },
              { value: 'auto', label: t('System') },
            ]}
          />
          <Button
            variant="default"
            leftSection={<IconLogout size={16} stroke={1.6} />}
            onClick={() => signOut.mutate()}
            loading={signOut.isPending}
          >
            {t('Sign out')}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
