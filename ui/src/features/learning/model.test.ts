import { describe, expect, test } from 'vitest'
import { ageWords, type Filters, filtersOf, isNarrowed, lastWords } from './filters'
import { type Band, effectWords, featureDifference, featureName, featureValue, type Outlet, ranked, shownBands, type Trait } from './model'

const trait = (given: Partial<Trait>): Trait => ({ feature: 'spend', value: 0, average: 0, effect: 0, size: 'small', words: '', ...given })
const outlet = (name: string, customers: number, spend = 0): Outlet => ({ name, customers, share: 0, spend })
const band = (label: string, customers: number): Band => ({ label, customers, share: 0, known: label !== 'Unknown' })

describe('filters', () => {
  test('are read from a URL, without what is nonsense', () => {
    expect(filtersOf({ age_from: '25', outlets: 'Kandy', last_over: 30, categories: [], age_to: 'old', other: 1 })).toEqual({
      age_from: 25, outlets: ['Kandy'], last_over: 30,
    })
    expect(isNarrowed({})).toBe(false)
    expect(isNarrowed({ age_from: 0 })).toBe(true)
  })
  test.each<[Filters, string, string]>([
    [{}, 'Age', 'Last purchase'],
    [{ age_from: 25, age_to: 40, last_within: 30 }, 'Age 25–40', 'Last purchase within 30 days'],
    [{ age_from: 25, last_over: 1000 }, 'Age 25 and over', 'Last purchase over 1,000 days ago'],
    [{ age_to: 40, last_over: 30, last_within: 90 }, 'Age up to 40', 'Last purchase 30–90 days ago'],
    [{ age_from: 30, age_to: 30 }, 'Age 30', 'Last purchase'],
  ])('%j are said in words', (filters, age, last) => {
    expect(ageWords(filters)).toBe(age)
    expect(lastWords(filters)).toBe(last)
  })
})

test('traits are said with their unit, their difference and how far they are from the others', () => {
  const fresh = trait({ feature: 'share of fresh', value: 62.4, average: 38.2, effect: 1.9, size: 'large' })
  expect([featureName(fresh.feature), featureValue(fresh.feature, fresh.value, 'LKR'), featureDifference(fresh)]).toEqual([
    'Share of fresh', '62 %', '+24 points',
  ])
  expect(effectWords(fresh)).toBe('far above the others')
  const spend = trait({ value: 1150, average: 2300, effect: -0.6, size: 'medium' })
  expect(featureDifference(spend)).toBe('−50 %')
  expect(effectWords(spend)).toBe('clearly below the others')
  expect(featureDifference(trait({ feature: 'recency', value: 3, average: 0 }))).toBe('')
})

test('outlets are ranked by what is looked at, the unknown one last and only when it has customers', () => {
  const outlets = [outlet('Galle', 5, 100), outlet('Kandy', 9, 50), outlet('', 20)]
  expect(ranked(outlets, 'customers')).toEqual([1, 0, 2])
  expect(ranked(outlets, 'spend')).toEqual([0, 1, 2])
  expect(ranked([outlet('Galle', 0), outlet('', 0)], 'customers')).toEqual([0])
})

test('the unknown band is shown when anybody is in it', () => {
  const one = [band('<21', 0), band('21–30', 4), band('Unknown', 0)]
  expect(shownBands([one])).toEqual(['<21', '21–30'])
  expect(shownBands([one, [band('<21', 1), band('21–30', 0), band('Unknown', 2)]])).toEqual(['<21', '21–30', 'Unknown'])
})
