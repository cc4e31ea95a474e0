import type * as Router from '@tanstack/react-router'
import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { renderUi, stubApi } from '@/ui/testing'
import { changes, faults, placed } from './model'
import { RatesPage } from './RatesPage'

vi.mock('@tanstack/react-router', async (original) => ({
  ...(await original<typeof Router>()),
  useSearch: () => ({}),
  useNavigate: () => () => {},
}))

const items = [
  { day: '2026-11-20', currency: 'IDR', rate: '0.0000613' },
  { day: '2026-11-01', currency: 'EUR', rate: '0.86' },
]
const apart = [{ currency: 'CHF', lines: 1200, first: '2026-11-03', last: '2026-11-09', remedy: '' }]
const answers = (more: object = {}) => ({
  'GET /api/events/rates': { body: { currency: 'GBP', items, next: null, total: 2, apart, ...more } },
  'PUT /api/events/rates': { body: { changed: 1 } },
})
const session = { permissions: { settings_manage: 'all', customers_import: 'all' } as const }
const sent = async (requests: Request[]) => Promise.all(requests.filter(({ method }) => method === 'PUT').map((one) => one.json()))

test('rates are listed with what they are worth, and what lacks one says so', async () => {
  stubApi(answers())
  await renderUi(<RatesPage />, { session })
  expect(await screen.findByText('0.0000613 GBP')).toBeTruthy()
  expect(screen.getByText('20 Nov 2026')).toBeTruthy()
  expect(await screen.findByText('1,200 lines in CHF, 3 Nov 2026 to 9 Nov 2026')).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Enter a rate of CHF' }))
  const form = await screen.findByRole('dialog')
  expect((within(form).getByRole('textbox', { name: /From the day/ }) as HTMLInputElement).value).toBe('3 Nov 2026')
  expect(within(form).getByRole('textbox', { name: /What 1 CHF is worth, in GBP/ })).toBeTruthy()
})

test('a rate is changed to exactly what was typed', async () => {
  const requests = stubApi(answers({ apart: [] }))
  await renderUi(<RatesPage />, { session })
  fireEvent.click(await screen.findByRole('button', { name: 'Change IDR 2026-11-20' }))
  const worth = within(await screen.findByRole('dialog')).getByRole('textbox', { name: /What 1 IDR is worth/ })
  fireEvent.change(worth, { target: { value: '0' } })
  fireEvent.click(screen.getByRole('button', { name: 'Save' }))
  expect(await screen.findByText('Give a number above 0, like 0.0000613.')).toBeTruthy()
  expect(await sent(requests)).toEqual([])
  fireEvent.change(worth, { target: { value: '0.000061234567' } })
  fireEvent.click(screen.getByRole('button', { name: 'Save' }))
  await waitFor(async () => expect(await sent(requests)).toEqual([{ items: [{ day: '2026-11-20', currency: 'IDR', rate: '0.000061234567' }] }]))
})

test('a rate is taken back after a question', async () => {
  const requests = stubApi(answers({ apart: [] }))
  await renderUi(<RatesPage />, { session })
  fireEvent.click(await screen.findByRole('button', { name: 'Take back EUR 2026-11-01' }))
  fireEvent.click(await screen.findByRole('button', { name: 'Take back' }))
  await waitFor(async () => expect(await sent(requests)).toEqual([{ items: [{ day: '2026-11-01', currency: 'EUR', rate: null }] }]))
})

test('moving a rate to another day takes the old one back', () => {
  const before = { day: '2026-11-20', currency: 'IDR', rate: '1' }
  expect(changes({ ...before, rate: '2' }, before)).toEqual([{ ...before, rate: '2' }])
  expect(changes({ ...before, day: '2026-11-21' }, before)).toEqual([{ ...before, rate: null }, { ...before, day: '2026-11-21' }])
  expect(changes(before, null)).toEqual([before])
})

test.each(['', '0', '-1', '1,5', '1e3', '0.0000000000001', '12345678'])('"%s" is no rate', (rate) => {
  expect(Object.keys(faults({ day: '2026-11-20', currency: 'IDR', rate }))).toEqual(['rate'])
})

test('a refusal stands at its field', () => {
  expect(placed({ '[1].rate': 'Too large.' })).toEqual({ rate: 'Too large.' })
})
