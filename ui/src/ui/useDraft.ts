import { useDebouncedCallback } from '@mantine/hooks'
import { useState } from 'react'

type Stored<T> = { base: string; value: T; at: number }

type Options<T> = {
  /** One per thing edited: `segment:18`, `segment:new`. */
  key: string
  /** What the server holds. */
  initial: T
  /** What it begins with where no draft was kept, when that is not yet what the server holds. */
  begin?: T
  /** Also keeps the draft on the server, where that is offered. */
  save?: (value: T) => Promise<unknown>
  delay?: number
}

const place = (key: string) => `ceap:draft:${key}`

function recall<T>(key: string): Stored<T> | null {
  try {
    return JSON.parse(localStorage.getItem(place(key)) ?? 'null') as Stored<T> | null
  } catch {
    return null
  }
}

/**
 * What is being edited, kept on this device as one types, apart from what is live.
 * `restored` tells that the draft of an earlier visit is shown; `outdated` that the live one has changed since.
 * Give the editor a `key` per thing, so that another thing starts another draft.
 */
export function useDraft<T>({ key, initial, begin = initial, save, delay = 800 }: Options<T>) {
  const base = JSON.stringify(initial)
  const [start] = useState(() => recall<T>(key))
  const [value, setValue] = useState(start ? start.value : begin)
  const [draftAt, setDraftAt] = useState(start ? new Date(start.at) : null)
  const [restored, setRestored] = useState(start !== null)
  const [live, setLive] = useState(base)
  const [known, setKnown] = useState(base)
  const text = JSON.stringify(value)
  const dirty = text !== live

  if (base !== known) {
    setKnown(base)
    setLive(base)
    if (!dirty) setValue(initial)
  }

  const forget = () => {
    localStorage.removeItem(place(key))
    setDraftAt(null)
    setRestored(false)
  }
  const keep = useDebouncedCallback(async (next: T) => {
    if (JSON.stringify(next) === base) return forget()
    const at = Date.now()
    localStorage.setItem(place(key), JSON.stringify({ base, value: next, at } satisfies Stored<T>))
    await save?.(next)
    setDraftAt(new Date(at))
  }, { delay, flushOnUnmount: true })

  const set = (next: T) => {
    setValue(next)
    keep(next)
  }
  const settle = (text: string) => {
    keep.cancel()
    forget()
    setLive(text)
  }
  return {
    value,
    set,
    draftAt,
    restored,
    outdated: restored && start?.base !== base,
    dirty,
    /** After saving: what is shown is live, nothing is left to keep. */
    saved: () => settle(text),
    /** Back to what is live. */
    discard: () => {
      settle(base)
      setValue(initial)
    },
  }
}
