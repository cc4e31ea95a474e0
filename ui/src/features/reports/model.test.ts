import { expect, test } from 'vitest'
import { bytes } from './model'

test('sizes read as people say them', () => {
  expect([null, 0, 999, 20_400, 999_400, 1_400_000].map(bytes)).toEqual(['–', '0 B', '999 B', '20 KB', '999 KB', '1.4 MB'])
})
