import { t } from '@/lib/i18n'
import type { components } from '@/lib/schema.gen'

type Schemas = components['schemas']
export type IdList = Schemas['IdListOut']
export type How = Schemas['SegmentUploadIn']['how']

export const HOWS: { value: How; label: string }[] = [
  { value: 'add', label: t('Add them') },
  { value: 'remove', label: t('Remove them') },
  { value: 'replace', label: t('Replace all members') },
]

const KINDS: Record<string, string> = {
  customer_id: t('Customer ID'),
  email: t('Email'),
  phone: t('Phone'),
  username: t('Username'),
  id: t('Number in CEAP'),
}

/** The kinds of identity that a list can be matched by; the list's own one is always among them. */
export const kindChoices = ({ kinds, by }: Pick<IdList, 'kinds' | 'by'>) =>
  [...new Set([...kinds, by])].map((value) => ({ value, label: KINDS[value] ?? value }))

/** Why a list cannot be saved; null when it can. */
export function whyNot(list: Pick<IdList, 'found' | 'matched'> | null, name: string): string | null {
  if (name.trim() === '') return t('Give the segment a name first.')
  if (!list) return t('Upload a list first.')
  if (!list.matched) return t('The list is still being matched with the customers.')
  return list.found === 0 ? t('Nobody on this list was found.') : null
}
