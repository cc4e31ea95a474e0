import { describe, expect, it } from 'vitest'
import type { Setting } from '../queries'
import { grouped, standard } from './settings'

const setting = (key: string, group: string, label: string, about = '', value: Setting['default'] = ''): Setting => ({
  key, group, label, about, default: value, value, kind: 'text', low: 0, high: 0, optional: true, hint: '',
  changed_by: '', changed_at: null,
})

describe('grouped', () => {
  const all = [
    setting('cap', 'Sending', 'Emails a week', 'Who has had that many is left out.'),
    setting('limit', 'Segments', 'Groups in a rule'),
    setting('quiet', 'Sending', 'Quiet hours from'),
  ]
  it('keeps the order of the server and puts each under its heading', () =>
    expect(grouped(all, '').map(({ name, settings }) => [name, settings.map(({ key }) => key)])).toEqual([
      ['Sending', ['cap', 'quiet']],
      ['Segments', ['limit']],
    ]))
  it('finds by words of the label, the sentence or the heading, in any case', () => {
    expect(grouped(all, 'LEFT out').flatMap(({ settings }) => settings.map(({ key }) => key))).toEqual(['cap'])
    expect(grouped(all, 'sending quiet').flatMap(({ settings }) => settings.map(({ key }) => key))).toEqual(['quiet'])
    expect(grouped(all, 'nowhere')).toEqual([])
  })
})

describe('standard', () => {
  it.each([
    [1000, '1,000'], [true, 'on'], [false, 'off'], [['n/a', 'none'], 'n/a, none'], [['a', 'b', 'c', 'd', 'e', 'f', 'g'], '7 words'], ['08:00', '08:00'], ['', ''],
  ])('%s reads %s', (value, text) => expect(standard(setting('a', 'b', 'c', '', value as Setting['default']))).toBe(text))
})
