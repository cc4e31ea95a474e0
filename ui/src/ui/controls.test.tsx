import { Button } from '@mantine/core'
import { act, fireEvent, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { confirm } from './confirm'
import { DisabledTip } from './DisabledTip'
import { FilterBar, type FilterValues } from './FilterBar'
import { SaveBar } from './SaveBar'
import { SearchInput } from './SearchInput'
import { renderUi } from './testing'

const ctrlS = () => fireEvent.keyDown(document.documentElement, { key: 's', code: 'KeyS', ctrlKey: true })

function type(text: string) {
  fireEvent.change(screen.getByLabelText('Search'), { target: { value: text } })
  act(() => vi.advanceTimersByTime(400))
}

function ask(question: Parameters<typeof confirm>[0]) {
  let answer: Promise<boolean> | undefined
  act(() => {
    answer = confirm(question)
  })
  return answer
}

describe('DisabledTip', () => {
  test('keeps the control reachable, says why, and does nothing', async () => {
    const act = vi.fn<() => void>()
    await renderUi(
      <DisabledTip reason="Still recalculating">
        <Button onClick={act}>Launch</Button>
      </DisabledTip>,
    )
    const button = screen.getByRole('button', { name: 'Launch' })
    fireEvent.click(button)
    expect(act).not.toHaveBeenCalled()
    expect(button.getAttribute('aria-disabled')).toBe('true')
    expect(button.getAttribute('aria-description')).toBe('Still recalculating')
    expect(button.hasAttribute('disabled')).toBe(false)
  })

  test('without a reason is not there', async () => {
    const act = vi.fn<() => void>()
    await renderUi(
      <DisabledTip reason={null}>
        <Button onClick={act}>Launch</Button>
      </DisabledTip>,
    )
    fireEvent.click(screen.getByRole('button'))
    expect(act).toHaveBeenCalledOnce()
  })
})

describe('SaveBar', () => {
  const bar = { onSave: vi.fn<() => void>(), onDiscard: vi.fn<() => void>() }
  beforeEach(() => vi.clearAllMocks())

  test('is absent and deaf while nothing changed', async () => {
    await renderUi(<SaveBar dirty={false} {...bar} />)
    ctrlS()
    expect(screen.queryByRole('region')).toBeNull()
    expect(bar.onSave).not.toHaveBeenCalled()
  })

  test('saves by Ctrl+S and by button, discards', async () => {
    await renderUi(<SaveBar dirty {...bar} />)
    ctrlS()
    fireEvent.click(screen.getByText('Save'))
    fireEvent.click(screen.getByText('Discard'))
    expect(bar.onSave).toHaveBeenCalledTimes(2)
    expect(bar.onDiscard).toHaveBeenCalledOnce()
  })

  test('does not save against a reason', async () => {
    await renderUi(<SaveBar dirty reason="The name is empty" {...bar} />)
    ctrlS()
    fireEvent.click(screen.getByText('Save'))
    expect(bar.onSave).not.toHaveBeenCalled()
  })

  test('asks before leaving', async () => {
    const { router } = await renderUi(<SaveBar dirty {...bar} />)
    await act(async () => void router.navigate({ to: '/segments' }))
    fireEvent.click(await screen.findByText('Cancel'))
    await act(async () => {})
    expect(router.state.location.pathname).toBe('/')
    await act(async () => void router.navigate({ to: '/segments' }))
    fireEvent.click(await screen.findByText('Leave'))
    await waitFor(() => expect(router.state.location.pathname).toBe('/segments'))
  })
})

describe('confirm', () => {
  const question = { title: 'Send campaign', text: 'Final.', action: 'Send to', count: 12480, things: 'people' }

  test('is kept when it is asked before the dialogs are loaded', async () => {
    vi.resetModules()
    const early = await import('./confirm')
    await renderUi(<span />)
    void early.confirm(question)
    await act(async () => {})
    expect(screen.queryByRole('dialog')).toBeNull()
    act(early.dialogsAreThere)
    expect(await screen.findByRole('button', { name: 'Send to 12,480 people' })).toBeDefined()
  })

  test('states the count and resolves to the answer', async () => {
    await renderUi(<span />)
    let answer = ask(question)
    fireEvent.click(await screen.findByRole('button', { name: 'Send to 12,480 people' }))
    expect(await answer).toBe(true)
    answer = ask(question)
    fireEvent.click(await screen.findByRole('button', { name: 'Cancel' }))
    expect(await answer).toBe(false)
  })
})

describe('SearchInput', () => {
  beforeEach(() => vi.useFakeTimers({ shouldAdvanceTime: true }))
  afterEach(() => vi.useRealTimers())

  test('searches from three characters, after a pause', async () => {
    const search = vi.fn<(value: string | undefined) => void>()
    await renderUi(<SearchInput label="Search" value={undefined} onChange={search} />)
    type('an')
    expect(search).toHaveBeenLastCalledWith(undefined)
    expect(screen.getByText('Type three characters or more')).toBeDefined()
    type('王伟')
    expect(search).toHaveBeenLastCalledWith('王伟')
    type('ann ')
    expect(search).toHaveBeenLastCalledWith('ann')
  })
})

test('FilterBar collects several choices, and clears them without touching the rest', async () => {
  const change = vi.fn<(value: FilterValues) => void>()
  const filters = [{ key: 'source', label: 'Source', options: [{ value: 'wa', label: 'WhatsApp', count: 1040 }, { value: 'web', label: 'Website' }] }]
  await renderUi(<FilterBar filters={filters} value={{ source: ['wa'], other: ['x'] }} onChange={change} />)
  fireEvent.click(screen.getByRole('button', { name: 'Source: WhatsApp' }))
  fireEvent.click(await screen.findByLabelText('Website'))
  expect(change).toHaveBeenLastCalledWith({ source: ['wa', 'web'], other: ['x'] })
  fireEvent.click(screen.getByText('Clear filters'))
  expect(change).toHaveBeenLastCalledWith({ source: undefined, other: ['x'] })
})
