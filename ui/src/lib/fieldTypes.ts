/** The words for field types. */
export const TYPES = new Map([
  ['text', 'Single-line text'],
  ['multiline', 'Multi-line text'],
  ['dropdown', 'Dropdown'],
  ['multiple', 'Multiple selection'],
  ['number', 'Number'],
  ['date', 'Date'],
  ['datetime', 'Date and time'],
  ['boolean', 'Yes or no'],
  ['url', 'Web address'],
  ['gps', 'Point (GPS)'],
  ['user', 'User'],
  ['file', 'File'],
  ['signature', 'Signature'],
])
