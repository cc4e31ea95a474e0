import { expect, it } from 'vitest'
import { channelName, evidenceLines, purposeName } from './model'

it('names channels and purposes as people do', () => {
  expect([channelName('whatsapp'), channelName('*'), channelName('pigeon')]).toEqual(['WhatsApp', 'All channels', 'pigeon'])
  expect([purposeName('*'), purposeName('marketing')]).toEqual(['everything', 'marketing'])
})

it('shows evidence whatever it holds, and leaves out what is empty', () => {
  expect(evidenceLines({ delivery: 7, form: { id: 'fair' }, note: '', by: null })).toEqual(['delivery: 7', 'form: {"id":"fair"}'])
})
