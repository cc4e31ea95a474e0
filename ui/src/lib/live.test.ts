import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { backoff, useLive } from './live'

class Socket {
  static all: Socket[] = []
  onopen = () => {}
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  close = vi.fn<() => void>()
  constructor(readonly url: string) {
    Socket.all.push(this)
  }
}
const socket = (index: number) => Socket.all[index]!

beforeEach(() => {
  Socket.all = []
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', Socket)
})
afterEach(() => vi.useRealTimers())

test('messages arrive parsed, and the state is told', () => {
  const receive = vi.fn<(message: unknown) => void>()
  const { result } = renderHook(() => useLive('campaign:7', receive))
  expect(socket(0).url).toBe('ws://localhost:3000/ws/live?topic=campaign%3A7')
  expect(result.current).toBe('connecting')
  act(() => socket(0).onopen())
  act(() => socket(0).onmessage!({ data: '{"sent":3}' }))
  expect(result.current).toBe('live')
  expect(receive.mock.calls).toEqual([[{ sent: 3 }]])
})

test('a cut connection is opened again', () => {
  const { result } = renderHook(() => useLive('campaign:7', () => {}))
  act(() => socket(0).onclose!({ code: 1006 }))
  expect(result.current).toBe('offline')
  act(() => vi.advanceTimersByTime(500))
  expect(Socket.all).toHaveLength(2)
})

test('a refused topic is not asked for again', () => {
  renderHook(() => useLive('campaign:7', () => {}))
  act(() => socket(0).onclose!({ code: 4403 }))
  act(() => vi.advanceTimersByTime(60_000))
  expect(Socket.all).toHaveLength(1)
})

test('leaving the page closes it for good, no topic opens nothing', () => {
  const { rerender, unmount } = renderHook(({ topic }) => useLive(topic, () => {}), {
    initialProps: { topic: null as string | null },
  })
  expect(Socket.all).toHaveLength(0)
  rerender({ topic: 'campaign:7' })
  unmount()
  expect(socket(0).close).toHaveBeenCalledOnce()
  expect(socket(0).onclose).toBeNull()
})

test('waits double up to half a minute and are spread', () => {
  expect([0, 1, 2, 9].map((attempt) => backoff(attempt, 0))).toEqual([500, 1000, 2000, 30_000])
  expect(backoff(1, 1)).toBe(500)
})
