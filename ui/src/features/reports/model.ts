export type Report = {
  id: string
  subject_kind: 'segment' | 'campaign'
  subject_id: string
  name: string
  /** The filters in words. */
  words: string
  format: 'pdf' | 'xlsx'
  number: number
  state: 'queued' | 'done' | 'failed' | 'cancelled'
  error: string
  size: number | null
  data_as_of: string | null
  progress: { done: number; total: number | null; message: string } | null
  barred: string
  created_by: { id: string; name: string } | null
  created_at: string
}

export type Schedule = {
  id: string
  segment_id: string
  name: string
  words: string
  format: 'pdf' | 'xlsx'
  existing: 'new' | 'overwrite'
  when: string
  next_at: string | null
  last_at: string | null
  missed_at: string | null
  last_report: string | null
  last_state: string
  problem: string
  created_by: { id: string; name: string } | null
}

export const SUBJECTS = { segment: 'Segment', campaign: 'Campaign' } as const
export const FORMATS = { pdf: 'PDF', xlsx: 'Excel' } as const

/** 512 B, 20 KB, 1.4 MB. */
export function bytes(size: number | null): string {
  if (size === null) return '–'
  if (size < 1000) return `${size} B`
  if (size < 1_000_000) return `${Math.round(size / 1000)} KB`
  return `${(size / 1_000_000).toFixed(1)} MB`
}

/** Whether any of them is still being made. */
export const isMoving = (reports: Report[] | undefined) => !!reports?.some(({ state }) => state === 'queued')
