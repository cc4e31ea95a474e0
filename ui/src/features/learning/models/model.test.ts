import { describe, expect, it } from 'vitest'
import { type Comparison, hasLabels, lacksPeople, metricTable, type ModelFile, movement, readWhen, whenWords, whyNotFile } from './model'

const look = { problems: [], customers: { named: 10, matched: 4, unmatched: 6 } }
const file = (rest: object) => ({ columns: { id: 'id', kind: 'label' }, add: false, look, ...rest }) as unknown as ModelFile

describe('the traits of a recommendation', () => {
  it('are written and read back unchanged', () => {
    const when = { 'share of luxury': 0.8, spend: -0.2 }
    expect(whenWords(when)).toBe('share of luxury ≥ 0.8, spend ≤ -0.2')
    expect(readWhen(whenWords(when))).toEqual(when)
    expect(readWhen(' spend >= 1 ,')).toEqual({ spend: 1 })
    expect(readWhen('')).toEqual({})
  })

  it('that cannot be read, or say the opposite of what they mean, are named', () => {
    expect(readWhen('spend a lot')).toContain('“spend a lot”')
    expect(readWhen('spend ≤ 0.5')).toContain('below 0')
    expect(readWhen('spend ≥ -0.5')).toContain('from 0 on')
  })
})

describe('metrics', () => {
  it('stand side by side, a model without one of them has none', () => {
    const found = metricTable({ neural: { accuracy: 0.9, calibration_error: 0.01 }, simple: { accuracy: 0.8 }, verdict: 'x', held_out: 5 })
    expect(found.models).toEqual(['Neural', 'Simple'])
    expect(found.rows.map(({ values }) => values)).toEqual([
      [0.9, 0.8],
      [0.01, undefined],
    ])
  })
})

describe('who moved', () => {
  it('is a matrix of old by new segments, by their names in either version', () => {
    const found = {
      with: 1,
      moved: { S1: { S1: 5, S3: 2 }, S2: { S1: 1 } },
      names: { '1': { S1: 'Old one', S2: 'Old two' }, '2': { S1: 'New one', S3: 'New three' } },
    } as unknown as Comparison
    const { columns, rows } = movement(found, 2)
    expect(columns.map(({ name }) => name)).toEqual(['New one', 'New three'])
    expect(rows.map(({ name, counts }) => [name, counts])).toEqual([
      ['Old one', [5, 2]],
      ['Old two', [1, 0]],
    ])
  })
})

describe('a file', () => {
  it('can be learnt from once it was looked at and is enough', () => {
    expect(whyNotFile(undefined)).toBe('Choose a file.')
    expect(whyNotFile(file({ look: null }))).toContain('still being looked at')
    expect(whyNotFile(file({ look: { ...look, problems: ['Too few.'] } }))).toBe('Too few.')
    expect(whyNotFile(file({}))).toBeNull()
  })

  it('says whether labels are learnt, and how many customers would be missing', () => {
    expect(hasLabels(file({}))).toBe(true)
    expect(hasLabels(file({ columns: { id: 'id' } }))).toBe(false)
    expect(lacksPeople(file({}))).toBe(6)
    expect(lacksPeople(file({ add: true }))).toBe(0)
  })
})
