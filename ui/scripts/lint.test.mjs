import { expect, test } from 'vitest'
import { complaints } from './lint.mjs'

const inside = 'src/features/segments/SegmentPage.tsx'

test.each([
  [inside, `import { x } from '@/features/campaigns/model'`, /may not import another/],
  [inside, `import { x } from '../campaigns/model'`, /may not import another/],
  [inside, `const page = import('@/app/Shell')`, /may not import app/],
  ['src/ui/Chart.tsx', `import { x } from '@/features/segments/model'`, /may not import features/],
  ['src/lib/client.ts', `import { x } from '../ui/Chart'`, /may not import ui/],
  [inside, `import x from 'https://cdn.example/x.js'`, /from outside/],
  [inside, '\n'.repeat(251), /stops at 250/],
])('%s with %j is refused', (path, text, complaint) => expect(complaints(path, text)).toEqual([expect.stringMatching(complaint)]))

test('own files, the kit, the libraries and packages are fine', () => {
  const text = ['./model', '@/features/segments/queries', '@/ui/Chart', '@/lib/client', 'react']
    .map((spec) => `import { x } from '${spec}'`)
    .join('\n')
  expect(complaints(inside, text)).toEqual([])
  expect(complaints('src/app/router.tsx', `import { routes } from '@/features/segments/routes'`)).toEqual([])
})
