import { act, fireEvent, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Job, JobProgress } from './JobProgress'
import { renderUi, stubApi } from './testing'

const job = (change: Partial<Job>): Job => ({
  id: 'j1',
  kind: 'import',
  state: 'running',
  done: 0,
  total: 50_000,
  message: 'Reading rows',
  result: null,
  ...change,
})

beforeEach(() => vi.useFakeTimers({ shouldAdvanceTime: true }))
afterEach(() => vi.useRealTimers())
const tick = () => act(() => vi.advanceTimersByTimeAsync(1100))

test('follows a job to its end, tells it once, and stops asking', async () => {
  const states = [job({ done: 41_200 }), job({ state: 'done', done: 50_000, message: '50,000 rows', result: 7 })]
  const requests = stubApi({ 'GET /api/jobs/j1': () => ({ body: states[Math.min(requests.length - 1, 1)] }) })
  const over = vi.fn<(job: Job<number>) => void>()
  await renderUi(
    <JobProgress<number> id="j1" label="Import" onOver={over}>
      {({ result }) => `Receipt ${result}`}
    </JobProgress>,
  )
  expect(await screen.findByText(/41,200 \/ 50,000 · 82 %/)).toBeDefined()
  expect(over).not.toHaveBeenCalled()
  await tick()
  expect(await screen.findByText('Receipt 7')).toBeDefined()
  await tick()
  await tick()
  expect(requests).toHaveLength(2)
  expect(over).toHaveBeenCalledOnce()
})

test('cancels', async () => {
  let state: Job['state'] = 'running'
  stubApi({
    'GET /api/jobs/j1': () => ({ body: job({ state }) }),
    'POST /api/jobs/j1/cancel': () => {
      state = 'cancelled'
      return { body: {} }
    },
  })
  await renderUi(<JobProgress id="j1" label="Import" />)
  fireEvent.click(await screen.findByRole('button', { name: 'Cancel' }))
  expect(await screen.findByText('Cancelled')).toBeDefined()
  expect(screen.queryByRole('button')).toBeNull()
})
