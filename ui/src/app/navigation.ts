import {
  IconChartHistogram,
  IconHierarchy3,
  IconHome,
  IconInbox,
  IconMail,
  IconReport,
  IconRoute,
  IconSend,
  IconSettings,
  IconUsers,
} from '@tabler/icons-react'
import type { Session } from '@/lib/session'

export type NavItem = {
  label: string
  to: string
  /** The permission key that shows the entry; everybody sees entries without one. */
  permission?: string
  /** Whether the page exists. Entries that are not ready are not shown: flip it with the page. */
  ready: boolean
  /** Only in demo environments. */
  demo?: boolean
  icon?: typeof IconHome
  /** The label is a name that somebody gave: it is not translated, and cut when long. */
  named?: boolean
  /** A sentence, not a link. */
  note?: boolean
  children?: NavItem[]
}

export const navigation: NavItem[] = [
  { label: 'Home', to: '/', icon: IconHome, ready: true },
  {
    label: 'Customers',
    to: '/customers',
    icon: IconUsers,
    permission: 'customers_view',
    ready: true,
    children: [
      { label: 'Segments', to: '/segments', permission: 'customers_segment_view', ready: true },
      { label: 'Fields', to: '/customers/fields', permission: 'fields_manage', ready: true },
      { label: 'Imports', to: '/customers/imports', permission: 'customers_import', ready: true },
    ],
  },
  { label: 'Segmentation', to: '/segmentation', icon: IconHierarchy3, permission: 'customers_segment_view', ready: true },
  { label: 'Campaigns', to: '/campaigns', icon: IconSend, permission: 'campaigns_view', ready: true },
  { label: 'Programs', to: '/programs', icon: IconRoute, permission: 'programs_view', ready: false },
  { label: 'Content', to: '/content', icon: IconMail, permission: 'content_view', ready: true },
  { label: 'Measure', to: '/measure', icon: IconChartHistogram, permission: 'measure_view', ready: false },
  { label: 'Reports', to: '/reports', icon: IconReport, permission: 'reports_view', ready: true },
  { label: 'Inbox', to: '/inbox', icon: IconInbox, demo: true, ready: true },
  {
    label: 'Settings',
    to: '/settings',
    icon: IconSettings,
    ready: false,  // no page of its own: it leads to the first of its children
    children: [
      { label: 'Organisation', to: '/settings/organisation', permission: 'settings_manage', ready: true },
      { label: 'Exchange rates', to: '/settings/rates', permission: 'settings_manage', ready: true },
      { label: 'Users & roles', to: '/settings/users', permission: 'users_manage', ready: true },
      { label: 'Senders', to: '/settings/senders', permission: 'channels_manage', ready: true },
      { label: 'Suppressions', to: '/settings/suppressions', permission: 'consent_manage', ready: true },
      { label: 'Keys', to: '/settings/keys', permission: 'keys_manage', ready: true },
      { label: 'Webhooks', to: '/settings/webhooks', permission: 'webhooks_manage', ready: true },
      { label: 'Plug-ins', to: '/settings/plugins', permission: 'settings_manage', ready: false },
      { label: 'Audit', to: '/settings/audit', permission: 'audit_view', ready: true },
      { label: 'Health', to: '/settings/health', permission: 'health_view', ready: false },
      { label: 'My security', to: '/settings/security', ready: true },
    ],
  },
]

/** What this person sees: ready, permitted; a parent that is not keeps its visible children's first page. */
export function visible(items: NavItem[], session: Pick<Session, 'permissions' | 'environment'>): NavItem[] {
  return items.flatMap((item) => {
    const children = visible(item.children ?? [], session)
    const granted = !item.permission || (session.permissions[item.permission] ?? 'disabled') !== 'disabled'
    const here = !item.demo || session.environment.synthetic
    if (item.ready && granted && here) return [{ ...item, children }]
    const [first] = children
    return first ? [{ ...item, to: first.to, children }] : []
  })
}

/** Every page one can go to, with the path of labels that leads there. */
export const pages = (items: NavItem[], above = ''): { label: string; to: string }[] =>
  items.flatMap(({ label, to, note, children = [] }) => [
    ...(note ? [] : [{ label: above + label, to }]),
    ...pages(children, `${above}${label} › `),
  ])
