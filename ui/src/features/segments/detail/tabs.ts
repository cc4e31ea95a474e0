/** The parts of a segment's page, in their order. */
export const TABS = [
  { value: 'overview', label: 'Overview' },
  { value: 'performance', label: 'Performance' },
  { value: 'history', label: 'History' },
  { value: 'used-by', label: 'Used by' },
] as const

export type Tab = (typeof TABS)[number]['value']
