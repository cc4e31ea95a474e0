import { expect, test } from 'vitest'
import { filled, type Region, regionRule, regionWords } from './model'

const region = (inside: string[], outside: string[] = [], join: 'and' | 'or' = 'and', count = 1): Region => ({
  inside, outside, join, count,
})
const names = new Map([['a', 'Fans'], ['b', 'Buyers'], ['c', 'VIPs']])

test('a region is said in words', () => {
  expect(regionWords(region(['a', 'b'], ['c']), names)).toBe('In Fans and Buyers, not in VIPs')
  expect(regionWords(region(['a', 'b'], [], 'or'), names)).toBe('In Fans or Buyers')
})

test('a region of four segments is cut into groups that fit the limits', () => {
  const rule = regionRule(region(['a', 'b'], ['c', 'd']), { conditions: 3, groups: 2 })
  expect(rule?.join).toBe('and')
  expect(rule?.groups.map(({ conditions }) => conditions.map((one) => [one.kind, 'operator' in one && one.operator]))).toEqual([
    [['segment', 'in'], ['segment', 'in'], ['segment', 'not_in']],
    [['segment', 'not_in']],
  ])
  expect(regionRule(region(['a', 'b', 'c']), { conditions: 1, groups: 2 })).toBeNull()
})

test('empty regions are left out, the largest comes first', () => {
  expect(filled([region(['a'], [], 'and', 0), region(['b'], [], 'and', 2), region(['c'], [], 'and', 5)]).map(({ count }) => count)).toEqual([5, 2])
})
