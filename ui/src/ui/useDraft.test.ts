import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { useDraft } from './useDraft'

beforeEach(() => {
  localStorage.clear()
  vi.useFakeTimers()
})
afterEach(() => vi.useRealTimers())

const edit = (initial = { name: 'a' }) =>
  renderHook(({ initial }) => useDraft({ key: 'segment:1', initial }), { initialProps: { initial } })
const settle = () => act(() => vi.advanceTimersByTimeAsync(1000))

test('what was typed is there on the next visit', async () => {
  const first = edit()
  act(() => first.result.current.set({ name: 'ab' }))
  expect(first.result.current).toMatchObject({ dirty: true, draftAt: null })
  await settle()
  expect(first.result.current.draftAt).toBeInstanceOf(Date)
  first.unmount()
  expect(edit().result.current).toMatchObject({ value: { name: 'ab' }, restored: true, dirty: true, outdated: false })
})

test('leaving at once keeps it too', () => {
  const first = edit()
  act(() => first.result.current.set({ name: 'ab' }))
  first.unmount()
  expect(edit().result.current.value).toEqual({ name: 'ab' })
})

test('a draft of something that changed meanwhile says so', async () => {
  const first = edit()
  act(() => first.result.current.set({ name: 'ab' }))
  await settle()
  first.unmount()
  expect(edit({ name: 'z' }).result.current).toMatchObject({ value: { name: 'ab' }, outdated: true })
})

test('saving and discarding both leave nothing behind', async () => {
  const { result, rerender } = edit()
  act(() => result.current.set({ name: 'ab' }))
  await settle()
  act(() => result.current.saved())
  expect(result.current).toMatchObject({ dirty: false, value: { name: 'ab' } })
  expect(localStorage).toHaveLength(0)
  rerender({ initial: { name: 'AB' } })
  expect(result.current).toMatchObject({ dirty: false, value: { name: 'AB' } })

  act(() => result.current.set({ name: 'x' }))
  await settle()
  act(() => result.current.discard())
  expect(result.current).toMatchObject({ dirty: false, value: { name: 'AB' }, draftAt: null })
  expect(localStorage).toHaveLength(0)
})

test('typing back to what is live is not a draft', async () => {
  const { result } = edit()
  act(() => result.current.set({ name: 'ab' }))
  await settle()
  act(() => result.current.set({ name: 'a' }))
  await settle()
  expect(result.current.dirty).toBe(false)
  expect(localStorage).toHaveLength(0)
})
