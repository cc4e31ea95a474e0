import { ActionIcon, AppShell, Burger, Group, Text } from '@mantine/core'
import { useDisclosure, useHotkeys, useLocalStorage } from '@mantine/hooks'
import { spotlight } from '@mantine/spotlight'
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { t } from '@/lib/i18n'
import { useSession } from '@/lib/session'
import { NavLinks } from './NavLinks'
import { navigation, visible } from './navigation'
import { useNewestSegments, withSegments } from './newestSegments'
import { Clock, Environment, SearchButton, UserMenu } from './TopBar'
import classes from './Shell.module.css'

const CommandPalette = lazy(() => import('./CommandPalette').then((file) => ({ default: file.CommandPalette })))

const WIDE = 220
const NARROW = 56

/** Navigation left, search and identity on top, the page in the middle. */
export function Shell({ children }: { children: ReactNode }) {
  const session = useSession()
  const [open, { toggle, close }] = useDisclosure()
  const [narrow, setNarrow] = useLocalStorage({ key: 'ceap:nav-narrow', defaultValue: false, getInitialValueInEffect: false })
  const [searching, setSearching] = useState(false) // loaded when it is first asked for; then it stays
  const search = () => {
    setSearching(true)
    spotlight.open()
  }
  useHotkeys(searching ? [] : [['mod+K', search]])
  const seen = visible(navigation, session)
  const newest = useNewestSegments((session.permissions.customers_segment_view ?? 'disabled') !== 'disabled')
  const items = withSegments(seen, newest, (session.permissions.customers_segment_add ?? 'disabled') !== 'disabled')
  const Collapse = narrow ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse
  const collapse = narrow ? t('Expand the navigation') : t('Collapse the navigation')

  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: narrow ? NARROW : WIDE, breakpoint: 'sm', collapsed: { mobile: !open } }}
      padding={{ base: 'sm', sm: 'lg' }}
      transitionDuration={0}
    >
      <a className={classes.skip} href="#main">
        {t('Skip to the page')}
      </a>
      <AppShell.Header className={classes.header}>
        <Group h="100%" px="sm" gap="sm" wrap="nowrap">
          <Burger
            opened={open}
            onClick={toggle}
            hiddenFrom="sm"
            size="sm"
            aria-label={open ? t('Close the navigation') : t('Open the navigation')}
          />
          <Link to="/" className={classes.brand} aria-label="CEAP">
            <img src="/assets/mark-v1.svg" width={24} height={24} alt="" />
            <Text span fw={650} visibleFrom="sm">
              CEAP
            </Text>
          </Link>
          <SearchButton onOpen={search} />
          <Group gap="sm" ml="auto" wrap="nowrap">
            <Environment />
            <Clock />
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar}>
        <AppShell.Section grow className={classes.links}>
          <NavLinks items={items} narrow={narrow && !open} onGo={close} />
        </AppShell.Section>
        <AppShell.Section visibleFrom="sm" p={8}>
          <ActionIcon aria-label={collapse} title={collapse} size={36} onClick={() => setNarrow(!narrow)}>
            <Collapse size={18} stroke={1.6} />
          </ActionIcon>
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} className={classes.main}>
        {children}
      </AppShell.Main>
      <Suspense>{searching && <CommandPalette items={items} />}</Suspense>
    </AppShell>
  )
}
