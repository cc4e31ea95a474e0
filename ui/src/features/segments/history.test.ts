import { expect, test } from 'vitest'
import { changeLines, editedDays, type HistoryDay, type RuleChange } from './history'

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

test('a list that was uploaded is told with its numbers', () => {
  const upload = { how: 'add', file_name: 'vip.csv', found: 12, missing: 1 } as RuleChange['upload']
  expect(changeLines({ ...change, upload })).toEqual(['Added from “vip.csv”: 12 customers (1 rows not found)'])
  expect(changeLines({ ...change, first: true, upload: { ...upload, how: 'replace', missing: 0 } as RuleChange['upload'] })).toEqual([
    'Created',
    'Members from “vip.csv”: 12 customers',
  ])
})

test('a save of the same says so', () => {
  expect(changeLines(change)).toEqual(['Saved without a difference'])
})

const made = (day: string, first = false) => ({ ...change, day, first })

test('edits are marked on their day, or on the next one that has a size; creation and what came after the last are not', () => {
  const days = [{ day: '2026-01-01' }, { day: '2026-01-05' }] as HistoryDay[]
  const [born, same, gap, gap2, after] = [
    made('2026-01-01', true), made('2026-01-01'), made('2026-01-02'), made('2026-01-05'), made('2026-01-06'),
  ]
  expect(editedDays(days, [after, gap2, gap, same, born])).toEqual([
    { day: '2026-01-05', changes: [gap2, gap] },
    { day: '2026-01-01', changes: [same] },
  ])
  expect(editedDays([], [same])).toEqual([])
})
