import { expect, test } from 'vitest'
import { asList, asNumber, asOneOf, asText } from './search'

test('readers take what the URL means and drop nonsense', () => {
  expect([asText('ann'), asText(7), asText(''), asText({})]).toEqual(['ann', '7', undefined, undefined])
  expect([asNumber('12.5'), asNumber(3), asNumber('x'), asNumber(Number.NaN)]).toEqual([12.5, 3, undefined, undefined])
  expect([asList('a'), asList(['a', 'b', null]), asList([])]).toEqual([['a'], ['a', 'b'], undefined])
  expect([asOneOf('asc', ['asc', 'desc']), asOneOf('up', ['asc', 'desc'])]).toEqual(['asc', undefined])
})
