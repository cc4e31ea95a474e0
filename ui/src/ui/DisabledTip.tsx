import { Tooltip } from '@mantine/core'
import { cloneElement, type MouseEvent, type ReactElement } from 'react'

type Control = ReactElement<Record<string, unknown>>

const swallow = (event: MouseEvent) => {
  event.preventDefault()
  event.stopPropagation()
}

/** Disables its control while there is a reason, and says the reason on hover, touch and focus. */
export function DisabledTip({ reason, children }: { reason: string | null | undefined | false; children: Control }) {
  if (!reason) return children
  const disabled = { 'data-disabled': true, 'aria-disabled': true, disabled: undefined, onClick: swallow }
  return (
    <Tooltip label={reason} events={{ hover: true, focus: true, touch: true }}>
      {cloneElement(children, { ...disabled, type: 'button', 'aria-description': reason })}
    </Tooltip>
  )
}
