import { fireEvent, screen, waitFor, within } from '@testing-library/react'
import { beforeEach, expect, test, vi } from 'vitest'
import { usePages } from '@/lib/query'
import { type Column, DataGrid } from './DataGrid'
import { renderUi, stubApi } from './testing'

type Row = { id: number; name: string; city: string }

const columns: Column<Row>[] = [
  { accessor: 'name', title: 'Name', fixed: true, sortable: true },
  { accessor: 'city', title: 'City' },
  { accessor: 'id', title: 'Number', hidden: true },
]
const rows: Row[] = [
  { id: 1, name: 'Amelia', city: 'Leeds' },
  { id: 2, name: 'Tomasz', city: 'Kraków' },
]
const grid = { id: 'test', label: 'Customers', columns }

beforeEach(() => localStorage.clear())

test('rows open by click and by Enter', async () => {
  const open = vi.fn<(row: Row) => void>()
  await renderUi(<DataGrid {...grid} rows={rows} onRow={open} />)
  fireEvent.click(await screen.findByText('Amelia'))
  fireEvent.keyDown(screen.getByText('Tomasz').closest('tr')!, { key: 'Enter' })
  expect(open.mock.calls).toEqual([[rows[0]], [rows[1]]])
})

test('columns hide and stay hidden', async () => {
  const view = await renderUi(<DataGrid {...grid} rows={rows} />)
  expect(screen.queryByText('Number')).toBeNull()
  fireEvent.click(screen.getByRole('button', { name: 'Columns' }))
  fireEvent.click(await screen.findByLabelText('City'))
  expect(screen.queryByText('Leeds')).toBeNull()
  view.unmount()
  await renderUi(<DataGrid {...grid} rows={rows} />)
  expect(screen.queryByText('Leeds')).toBeNull()
})

test('selecting shows the bulk bar', async () => {
  const select = vi.fn<(rows: Row[]) => void>()
  await renderUi(<DataGrid {...grid} rows={rows} selected={[rows[0]!]} onSelect={select} bulk="Export" />)
  expect(screen.getByText('1 selected')).toBeDefined()
  fireEvent.click(await screen.findByLabelText('Select row 2'))
  expect(select.mock.calls[0]![0]).toHaveLength(2)
  fireEvent.click(screen.getByText('Clear selection'))
  expect(select).toHaveBeenLastCalledWith([])
})

test('sorting names the column and the direction', async () => {
  const sort = vi.fn<(sort: string) => void>()
  await renderUi(<DataGrid {...grid} rows={rows} sort="name" onSort={sort} />)
  fireEvent.click(await screen.findByText('Name'))
  expect(sort).toHaveBeenCalledWith('-name')
})

function Pages() {
  return <DataGrid {...grid} {...usePages<Row>('/api/customers', { q: 'a' })} empty="Nobody here" />
}

test('the next page follows the cursor', async () => {
  const requests = stubApi({
    'GET /api/customers': ({ url }) => {
      const isSecond = new URL(url).searchParams.get('cursor') === 'after-1'
      return { body: isSecond ? { items: [rows[1]], next: null } : { items: [rows[0]], next: 'after-1', total: 2 } }
    },
  })
  await renderUi(<Pages />)
  expect(await screen.findByText('1 shown of 2')).toBeDefined()
  fireEvent.click(screen.getByText('Load more'))
  expect(await screen.findByText('Tomasz')).toBeDefined()
  expect(screen.getByText('2 shown of 2')).toBeDefined()
  expect(screen.queryByText('Load more')).toBeNull()
  expect(requests.map(({ url }) => new URL(url).search)).toEqual(['?q=a', '?q=a&cursor=after-1'])
})

test.each([
  [{ body: { items: [], next: null } }, 'Nobody here'],
  [{ status: 403, body: { title: 'Forbidden' } }, 'Your role does not include this'],
  [{ status: 500, body: { title: 'Broken' } }, 'Broken'],
])('%j shows “%s”', async (answer, text) => {
  stubApi({ 'GET /api/customers': answer })
  await renderUi(<Pages />)
  await waitFor(() => expect(screen.getByText(text)).toBeDefined(), { timeout: 4000 })
})

test('waiting for the first page says so', async () => {
  await renderUi(<DataGrid {...grid} rows={undefined} />)
  expect(within(screen.getByRole('status')).queryByText('Amelia')).toBeNull()
  expect(screen.getByLabelText('Loading Customers')).toBeDefined()
})
