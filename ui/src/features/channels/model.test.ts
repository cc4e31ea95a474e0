import { describe, expect, it } from 'vitest'
import { configErrors, fieldsOf, health, type Schema, startOf, story, toSend } from './model'

const schema: Schema = {
  properties: {
    host: { title: 'Server', type: 'string', maxLength: 250 },
    port: { title: 'Port', type: 'integer', default: 587, minimum: 1, maximum: 65535 },
    security: { title: 'Encryption', enum: ['starttls', 'tls', 'none'], default: 'starttls' },
    verify: { title: 'Check the certificate', type: 'boolean', default: true },
    password: { title: 'Password', type: 'string', writeOnly: true },
    dkim_key: { title: 'DKIM private key (PEM)', type: 'string', writeOnly: true },
  },
  required: ['host'],
}

describe("a provider's form", () => {
  it('has one field for each property, by its kind', () => {
    expect(fieldsOf(schema).map(({ key, kind, required }) => [key, kind, required])).toEqual([
      ['host', 'text', true],
      ['port', 'number', false],
      ['security', 'choice', false],
      ['verify', 'switch', false],
      ['password', 'secret', false],
      ['dkim_key', 'secret', false],
    ])
  })

  it('starts with what is stored, else the defaults, and never with a secret', () => {
    expect(startOf(schema, { host: 'mail.test', verify: false, password: 'x' })).toEqual({
      host: 'mail.test',
      port: 587,
      security: 'starttls',
      verify: false,
      password: '',
      dkim_key: '',
    })
  })

  it('sends a secret only when one was typed', () => {
    const fields = fieldsOf(schema)
    expect(toSend(fields, { ...startOf(schema), password: '' })).not.toHaveProperty('password')
    expect(toSend(fields, { ...startOf(schema), password: 'new' })).toHaveProperty('password', 'new')
  })

  it('finds the messages of its fields among those of the server', () => {
    expect(configErrors({ name: 'Give a name.', 'config.port': 'Too high' })).toEqual({ port: 'Too high' })
  })
})

it('says how a sender is doing', () => {
  expect(health('down')).toEqual({ label: 'Cannot send', tone: 'red' })
  expect(health('ok').tone).toBe('green')
})

it('tells what happened to a message in order', () => {
  const row = {
    state: 'sent',
    due_at: '2026-01-01T10:00:00Z',
    sent_at: '2026-01-01T10:00:01Z',
    finished_at: null,
    delivered_at: null,
    opened_at: '2026-01-01T12:00:00Z',
    clicked_at: '2026-01-01T11:00:00Z',
    unsubscribed_at: null,
    bounced_at: null,
  }
  expect(story(row).map(({ what }) => what)).toEqual(['Sent', 'Clicked', 'Opened'])
})
