import { useEffect, useEffectEvent, useState } from 'react'

export type LiveState = 'connecting' | 'live' | 'offline'

const FIRST_WAIT = 500
const LONGEST_WAIT = 30_000
const REFUSED = new Set([4401, 4403, 4404])

/** Milliseconds before try number `attempt` (from 0): doubling, capped, with up to half of it random. */
export const backoff = (attempt: number, random = Math.random()) =>
  Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt) * (1 - random / 2)

function connect(topic: string, onMessage: (message: unknown) => void, onState: (state: LiveState) => void) {
  let socket: WebSocket
  let timer: ReturnType<typeof setTimeout>
  let attempt = 0

  const open = () => {
    onState('connecting')
    const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws'
    socket = new WebSocket(`${scheme}://${window.location.host}/ws/live?topic=${encodeURIComponent(topic)}`)
    socket.onopen = () => {
      attempt = 0
      onState('live')
    }
    socket.onmessage = (event: MessageEvent<string>) => onMessage(JSON.parse(event.data))
    socket.onclose = (event) => {
      onState('offline')
      if (!REFUSED.has(event.code)) timer = setTimeout(open, backoff(attempt++))
    }
  }

  open()
  return () => {
    clearTimeout(timer)
    socket.onclose = null
    socket.onmessage = null
    socket.close()
  }
}

/**
 * The state of `topic` (`campaign:<id>`) now and whenever it changes; `null` listens to nothing.
 * Reconnects by itself with backoff, and gives up where the server refuses.
 */
export function useLive<T>(topic: string | null, onMessage: (message: T) => void): LiveState {
  const [state, setState] = useState<LiveState>('connecting')
  const receive = useEffectEvent((message: unknown) => onMessage(message as T))
  useEffect(() => (topic ? connect(topic, (message) => receive(message), setState) : undefined), [topic])
  return state
}
