import { Text, Tooltip } from '@mantine/core'
import { Link, useLocation } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import type { NavItem } from './navigation'
import classes from './Shell.module.css'

type Props = { items: NavItem[]; narrow: boolean; onGo: () => void }

const isWithin = (pathname: string, to: string) =>
  to === '' ? false : to === '/' ? pathname === '/' : pathname === to || pathname.startsWith(`${to}/`)

const reaches = (pathname: string, item: NavItem): boolean =>
  isWithin(pathname, item.to) || !!item.children?.some((child) => isWithin(pathname, child.to))

/** The entry a path belongs to: the longest address that leads there. */
const current = (pathname: string, items: NavItem[]) =>
  items
    .flatMap((item) => [item, ...(item.children ?? [])])
    .filter(({ to }) => isWithin(pathname, to))
    .reduce<NavItem | undefined>((best, item) => (best && best.to.length > item.to.length ? best : item), undefined)

/** The entries, and the children of the one we are in; icons alone when narrow. */
export function NavLinks({ items, narrow, onGo }: Props) {
  const { pathname } = useLocation()
  const here = current(pathname, items)
  return (
    <nav aria-label={t('Main')}>
      {items.map((item) => {
        const isOpen = reaches(pathname, item)
        return (
          <div key={item.label}>
            <Entry item={item} active={item === here || (narrow && isOpen)} narrow={narrow} onGo={onGo} />
            {isOpen &&
              !narrow &&
              item.children?.map((child) => (
                <Entry key={child.to || child.label} item={child} active={child === here} narrow={false} onGo={onGo} nested />
              ))}
          </div>
        )
      })}
    </nav>
  )
}

type EntryProps = { item: NavItem; active: boolean; narrow: boolean; nested?: boolean; onGo: () => void }

function Entry({ item: { label, to, icon: Icon, named, note }, active, narrow, nested, onGo }: EntryProps) {
  const shape = named ? `${classes.child} ${classes.named}` : nested ? classes.child : narrow ? classes.narrow : ''
  if (note)
    return (
      <Text size="sm" c="dimmed" className={classes.note}>
        {t(label)}
      </Text>
    )
  return (
    <Tooltip label={t(label)} position="right" disabled={!narrow}>
      <Link
        to={to}
        onClick={onGo}
        className={`${classes.link} ${shape}`}
        activeOptions={{ exact: true }}
        data-here={active || undefined}
        aria-current={active ? 'page' : undefined}
        aria-label={narrow ? t(label) : undefined}
      >
        {Icon && <Icon size={18} stroke={1.6} aria-hidden />}
        {named ? <span title={label}>{label}</span> : !narrow && t(label)}
      </Link>
    </Tooltip>
  )
}
