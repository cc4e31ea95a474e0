import { expect, test } from 'vitest'
import { copyOf, faultsByBlock, liquid, moveTo, newBlock, PALETTE, placeFor, spliced, summary } from './model'

test('every block of the palette can be made, copied with other ids and summed up', () => {
  for (const type of PALETTE) {
    const block = newBlock(type, 'Octave')
    const copy = copyOf(block)
    expect(copy.type).toBe(type)
    expect(copy.id).not.toBe(block.id)
    expect(typeof summary(block)).toBe('string')
  }
})

test('the blocks inside copied columns get ids of their own', () => {
  const block = newBlock('columns')
  const copy = copyOf(block)
  if (block.type !== 'columns' || copy.type !== 'columns') throw new Error('not columns')
  expect(copy.columns[0]?.[0]?.id).not.toBe(block.columns[0]?.[0]?.id)
})

test('moving keeps every item, wherever it goes', () => {
  const list = ['a', 'b', 'c', 'd']
  for (let from = 0; from < 4; from++)
    for (let to = 0; to <= 4; to++) expect(moveTo(list, from, to).toSorted()).toEqual(list)
  expect(moveTo(list, 0, 4)).toEqual(['b', 'c', 'd', 'a'])
  expect(moveTo(list, 3, 0)).toEqual(['d', 'a', 'b', 'c'])
  expect(moveTo(list, 1, 3)).toEqual(['a', 'c', 'b', 'd'])
})

test('a new block goes after the selected one and never after the footer', () => {
  const blocks = [newBlock('heading'), newBlock('text'), newBlock('footer')]
  expect(placeFor(blocks, blocks[0]!.id)).toBe(1)
  expect(placeFor(blocks, blocks[2]!.id)).toBe(2)
  expect(placeFor(blocks, null)).toBe(2)
  expect(placeFor([], null)).toBe(0)
})

test('faults are found by block, the first of each', () => {
  const faults = faultsByBlock({ 'source.blocks.2.text': 'A', 'source.blocks.2.href': 'B', 'source.blocks.10.columns.0.1.text': 'C', subject: 'D' })
  expect([...faults]).toEqual([[2, 'A'], [10, 'C']])
})

test('variables are written as Liquid, into the selection', () => {
  expect(liquid('customer.city')).toBe('{{ customer.city }}')
  expect(liquid('customer.first_name', 'the "best"')).toBe(`{{ customer.first_name | default: "the 'best'" }}`)
  expect(spliced('Hello you!', 6, 9, 'X')).toBe('Hello X!')
})
