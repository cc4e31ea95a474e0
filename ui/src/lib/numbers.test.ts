import { describe, expect, test } from 'vitest'
import { formatBytes, formatMoney, formatNumber, formatPercent, percents } from './numbers'

describe('formatPercent', () => {
  test.each([
    [1204, 5000, '24.1 %'],
    [0, 5000, '0 %'],
    [5000, 5000, '100 %'],
    [1, 5000, '< 0.1 %'],
    [4999, 5000, '> 99.9 %'],
    [0, 0, '–'],
  ])('%i of %i is %s', (part, total, text) => expect(formatPercent(part, total)).toBe(text))
})

describe('percents', () => {
  test.each([
    [[1, 1, 1], 0, [34, 33, 33]],
    [[1, 1, 1], 1, [33.4, 33.3, 33.3]],
    [[2, 1, 0], 0, [67, 33, 0]],
    [[0, 0], 0, [0, 0]],
    [[5], 0, [100]],
  ])('of %j with %i digits are %j', (values, digits, shares) => expect(percents(values, digits)).toEqual(shares))

  test('add to exactly 100 for any shares', () => {
    for (let size = 1; size < 60; size++) {
      const values = Array.from({ length: size }, (_, index) => (index * 7919) % 97)
      const sum = percents(values).reduce((total, share) => total + share, 0)
      expect(sum).toBe(values.some(Boolean) ? 100 : 0)
    }
  })
})

test('numbers have thousands separators and a dash when unknown', () => {
  expect(formatNumber(12480)).toBe('12,480')
  expect(formatNumber(null)).toBe('–')
  expect(formatMoney(1204.5, 'GBP')).toBe('£1,204.50')
  expect(formatBytes(1_440_000)).toBe('1.4 MB')
  expect(formatBytes(0)).toBe('0 B')
})
