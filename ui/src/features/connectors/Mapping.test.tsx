import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { renderUi } from '@/ui/testing'
import { Mapping } from './Mapping'
import type { Preview } from './model'

const column = (name: string, type: string, why = '') => ({ column: name, samples: ['x'], field: '', confidence: 0, why, type })

test('what a column seems to be is said in the words that name the types of fields', async () => {
  const columns = [column('VIP', 'boolean'), column('Seen', 'datetime'), column('Note', 'text'), column('Birthday', 'text', 'a day without a year is no date')]
  const preview = { columns, fields: [], properties: false } as unknown as Preview
  await renderUi(<Mapping target="customers" preview={preview} choices={{}} onChange={() => {}} />)
  const rows = screen.getAllByRole('row').slice(1).map((row) => row.textContent)
  expect(rows.map((text) => text?.endsWith('Yes or no'))).toEqual([true, false, false, false])
  expect(rows[1]).toMatch(/Date and time$/)
  expect(rows[2]).toMatch(/Single-line text$/)
  expect(rows[3]).toMatch(/a day without a year is no date$/)
  expect(document.body.textContent).not.toMatch(/boolean|datetime/)
})
