import { fireEvent, screen, waitFor } from '@testing-library/react'
import { expect, test } from 'vitest'
import { Chart } from './Chart'
import { StatusBadge } from './StatusBadge'
import { renderUi } from './testing'
import { Waterfall } from './Waterfall'

test('a chart is a named picture with a table of the same numbers', async () => {
  const series = [{ name: 'Customers', values: [1040, null] }]
  await renderUi(<Chart label="By source" kind="bar" categories={['WhatsApp', 'Website']} series={series} />)
  const picture = screen.getByRole('img', { name: 'By source' })
  await waitFor(() => expect(picture.querySelector('svg')).not.toBeNull(), { timeout: 10_000 })
  fireEvent.click(screen.getByText('Table'))
  const cells = screen.getAllByRole('cell').map((cell) => cell.textContent)
  expect(cells).toEqual(['WhatsApp', '1,040', 'Website', '–'])
})

test('a waterfall says what each step took away', async () => {
  const steps = [
    { label: 'Matched', count: 1204 },
    { label: 'Consented', count: 890 },
  ]
  await renderUi(<Waterfall label="Reach" steps={steps} />)
  expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual([
    'Matched1,204100 %',
    'Consented−31489073.9 %',
  ])
})

test('a status is always a word', async () => {
  await renderUi(<StatusBadge status="not_sent" />)
  expect(screen.getByText('Not sent')).toBeDefined()
})
