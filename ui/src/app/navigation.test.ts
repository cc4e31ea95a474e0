import { expect, test } from 'vitest'
import type { Session } from '@/lib/session'
import { withSegments } from './newestSegments'
import { type NavItem, navigation, pages, visible } from './navigation'

const items: NavItem[] = [
  { label: 'Home', to: '/', ready: true },
  {
    label: 'Customers',
    to: '/customers',
    permission: 'customers_view',
    ready: true,
    children: [
      { label: 'Segments', to: '/segments', permission: 'customers_segment_view', ready: true },
      { label: 'Imports', to: '/customers/imports', permission: 'customers_import', ready: false },
    ],
  },
  { label: 'Inbox', to: '/inbox', demo: true, ready: true },
]
const see = (permissions: Session['permissions'], synthetic = false) =>
  visible(items, { permissions, environment: { scenario: null, label: '', synthetic } })
const paths = (...session: Parameters<typeof see>) => pages(see(...session)).map(({ to }) => to)

test('only what is ready and permitted is shown', () => {
  expect(paths({})).toEqual(['/'])
  expect(paths({ customers_view: 'owned', customers_segment_view: 'disabled', imports_view: 'all' })).toEqual(['/', '/customers'])
})

test('the mail sink shows in demos only', () => {
  expect(paths({})).toEqual(['/'])
  expect(paths({}, true)).toEqual(['/', '/inbox'])
})

test('a parent one may not see leads to its first visible child', () => {
  expect(see({ customers_segment_view: 'all' })[1]).toMatchObject({ label: 'Customers', to: '/segments' })
})

test('pages are named by the way that leads there', () => {
  const all = pages(see({ customers_view: 'all', customers_segment_view: 'all' }))
  expect(all.map(({ label }) => label)).toEqual(['Home', 'Customers', 'Customers › Segments'])
})

test('no address is listed twice', () => {
  const all = pages(navigation).map(({ to }) => to)
  expect(new Set(all).size).toBe(all.length)
})

test('the newest seven segments stand under Segments and open', () => {
  const newest = Array.from({ length: 9 }, (_, n) => ({ id: `id${n}`, name: `Fans ${n}` }))
  const all = pages(withSegments(see({ customers_view: 'all', customers_segment_view: 'all' }), newest))
  expect(all.map(({ to }) => to).slice(1)).toEqual(['/customers', '/segments', ...newest.slice(0, 7).map(({ id }) => `/segments/${id}`)])
  expect(all[3]?.label).toBe('Customers › Fans 0')
  const none = see({ customers_view: 'all' })
  expect(withSegments(none, newest)).toEqual(none)
})
