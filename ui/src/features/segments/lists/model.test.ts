import { expect, test } from 'vitest'
import { kindChoices, whyNot } from './model'

test('a kind of identity that an app brought can be chosen beside the known ones', () => {
  expect(kindChoices({ kinds: ['email', 'id'], by: 'loyalty_card' })).toEqual([
    { value: 'email', label: 'Email' },
    { value: 'id', label: 'Number in CEAP' },
    { value: 'loyalty_card', label: 'loyalty_card' },
  ])
  expect(kindChoices({ kinds: ['email'], by: 'email' })).toHaveLength(1)
})

test('a list is saved with a name, and when it names somebody', () => {
  expect(whyNot({ found: 2, matched: true }, ' ')).toBe('Give the segment a name first.')
  expect(whyNot(null, 'VIPs')).toBe('Upload a list first.')
  expect(whyNot({ found: 0, matched: false }, 'VIPs')).toBe('The list is still being matched with the customers.')
  expect(whyNot({ found: 0, matched: true }, 'VIPs')).toBe('Nobody on this list was found.')
  expect(whyNot({ found: 2, matched: true }, 'VIPs')).toBeNull()
})
