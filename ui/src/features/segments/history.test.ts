import { expect, test } from 'vitest'
import { changeLines, type RuleChange } from './history'

const change = { first: false, renamed: '', described: false, name: 'B', differences: [], sentence: '' } as unknown as RuleChange

test('a save says each difference on a line of its own', () => {
  const differences = [
    { change: 'added', group: 1, before: '', after: 'City is “Galle”' },
    { change: 'join', group: 2, before: 'and', after: 'or' },
    { change: 'join', group: 0, before: 'or', after: 'and' },
  ] as RuleChange['differences']
  expect(changeLines({ ...change, renamed: 'A', differences })).toEqual([
    'Renamed from “A” to “B”',
    'Added: City is “Galle”',
    'In group 2: AND → OR',
    'Between groups: OR → AND',
  ])
})

test('a save of the same says so', () => {
  expect(changeLines(change)).toEqual(['Saved without a difference'])
})
