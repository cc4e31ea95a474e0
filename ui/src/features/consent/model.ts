export const CHANNELS = [
  { value: 'email', label: 'Email' },
  { value: 'sms', label: 'SMS' },
  { value: 'whatsapp', label: 'WhatsApp' },
  { value: '*', label: 'All channels' },
]

/** A channel as people call it. */
export const channelName = (key: string) => CHANNELS.find(({ value }) => value === key)?.label ?? key

/** What a consent is for. */
export const purposeName = (key: string) => (key === '*' ? 'everything' : key)

/** Evidence as lines "note: …", whatever it holds. */
export const evidenceLines = (evidence: Record<string, unknown>): string[] =>
  Object.entries(evidence).flatMap(([key, value]) =>
    value === null || value === '' ? [] : [`${key}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`],
  )
