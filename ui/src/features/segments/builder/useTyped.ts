import { useDebouncedCallback } from '@mantine/hooks'
import { useState } from 'react'

/** What is being typed, kept here per keystroke and reported when the typing pauses. */
export function useTyped<T>(value: T, report: (value: T) => void): [T, (value: T) => void] {
  const [shown, setShown] = useState(value)
  const [known, setKnown] = useState(value)
  const later = useDebouncedCallback(
    (next: T) => {
      setKnown(next)
      report(next)
    },
    { delay: 200, flushOnUnmount: true },
  )
  if (value !== known) {
    setKnown(value)
    setShown(value)
  }
  const type = (next: T) => {
    setShown(next)
    later(next)
  }
  return [shown, type]
}
