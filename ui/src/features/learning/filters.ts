import type { Params } from '@/lib/client'
import { t } from '@/lib/i18n'
import { asList, asNumber, type Raw } from '@/lib/search'

/** What the customers of discovered segments are narrowed to; it lives in the URL. */
export type Filters = {
  age_from?: number
  age_to?: number
  outlets?: string[]
  categories?: string[]
  last_within?: number
  last_over?: number
}

/** The filters that a URL says; nonsense is left out. */
export function filtersOf(raw: Raw): Filters {
  const found: Filters = {
    age_from: asNumber(raw.age_from),
    age_to: asNumber(raw.age_to),
    outlets: asList(raw.outlets),
    categories: asList(raw.categories),
    last_within: asNumber(raw.last_within),
    last_over: asNumber(raw.last_over),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

/** The same as parameters of a request. */
export const paramsOf = (filters: Filters): Params => ({ ...filters })

export const isNarrowed = (filters: Filters) => Object.keys(filtersOf(filters)).length > 0

/** "Outlet: Galle +1", or the name of the filter alone. */
export const namesWords = (label: string, names: readonly string[] = []) =>
  names.length === 0 ? label : `${label}: ${names[0]}${names.length > 1 ? ` +${names.length - 1}` : ''}`

const days = (count: number) => t('{{count, number}} days', { count })

/** "Age 25–40", or the name of the filter alone. */
export function ageWords({ age_from: from, age_to: to }: Filters): string {
  if (from === undefined && to === undefined) return t('Age')
  if (from === undefined) return t('Age up to {{to}}', { to })
  if (to === undefined) return t('Age {{from}} and over', { from })
  return from === to ? t('Age {{from}}', { from }) : t('Age {{from}}–{{to}}', { from, to })
}

/** "Bought within 30 days", or the name of the filter alone. */
export function lastWords({ last_within: within, last_over: over }: Filters): string {
  if (within === undefined && over === undefined) return t('Last purchase')
  if (over === undefined) return t('Last purchase within {{days}}', { days: days(within ?? 0) })
  if (within === undefined) return t('Last purchase over {{days}} ago', { days: days(over) })
  return t('Last purchase {{over}}–{{within}} days ago', { over, within })
}
