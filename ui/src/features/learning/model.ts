import { t } from '@/lib/i18n'
import { formatMoney, formatNumber } from '@/lib/numbers'
import type { components } from '@/lib/schema.gen'

type Schemas = components['schemas']
export type Dashboard = Schemas['DiscoveredDashboardOut']
export type Card = Schemas['DiscoveredCardOut']
export type Choices = Schemas['DiscoveredChoicesOut']
export type Detail = Schemas['DiscoveredDetailOut']
export type Comparison = Schemas['DiscoveredComparisonOut']
export type Portrait = Schemas['DiscoveredPortraitOut']
export type Trait = Schemas['DiscoveredTraitOut']
export type Band = Schemas['DiscoveredBandOut']
export type Outlet = Schemas['DiscoveredOutletOut']
export type Reach = Schemas['SegmentWaterfallOut']

const SHARE = 'share of '
export const UNKNOWN = t('Unknown')
const NAMES: Record<string, string> = {
  spend: t('Spend'),
  recency: t('Days since the last purchase'),
  frequency: t('Orders'),
  basket: t('Basket'),
  age: t('Age'),
}
const MONEY = new Set(['spend', 'basket'])
const SIZES: Record<string, string> = { small: t('small'), medium: t('medium'), large: t('large') }

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** Money; cents only where they matter. */
export const money = (amount: number | null, currency: string) =>
  amount !== null && Math.abs(amount) >= 1000
    ? formatMoney(Math.round(amount), currency).replace(/[.,]00$/, '')
    : formatMoney(amount, currency)

/** "Share of fresh", "Spend", … */
export const featureName = (feature: string) => NAMES[feature] ?? capital(feature)

/** A trait's number with its unit. */
export function featureValue(feature: string, value: number, currency: string): string {
  if (feature.startsWith(SHARE)) return `${Math.round(value)} %`
  if (MONEY.has(feature)) return money(value, currency)
  return formatNumber(Number(value.toFixed(feature === 'age' ? 0 : 2)))
}

/** "+24 points" or "+80 %" against the average. */
export function featureDifference({ feature, value, average }: Trait): string {
  const sign = value >= average ? '+' : '−'
  if (feature.startsWith(SHARE)) {
    const count = Math.round(Math.abs(value - average))
    return t('{{sign}}{{count}} points', { sign, count })
  }
  if (!average) return ''
  return `${sign}${formatNumber(Math.round(Math.abs((100 * (value - average)) / average)))} %`
}

/** How far a trait sets the segment apart, in words: "far above others". */
export function effectWords({ effect, size }: Trait): string {
  const far = { small: t('somewhat'), medium: t('clearly'), large: t('far') }[size] ?? ''
  return effect >= 0 ? t('{{far}} above the others', { far }) : t('{{far}} below the others', { far })
}

export const sizeWords = (size: string) => t('{{size}} effect', { size: SIZES[size] ?? size })

/** The kpis that the data have, each with its label and value. */
export function kpiLines({ kpis }: Portrait, currency: string): [label: string, value: string][] {
  const lines: [string, string | null][] = [
    [t('Sales'), money(kpis.sales, currency)],
    [t('Average basket'), kpis.basket === null ? null : money(kpis.basket, currency)],
    [t('Orders each'), kpis.frequency === null ? null : formatNumber(kpis.frequency)],
    [t('Last purchase'), kpis.recency === null ? null : t('{{count, number}} days ago', { count: kpis.recency })],
  ]
  return lines.filter((line): line is [string, string] => line[1] !== null)
}

/** A band of days on an axis that says "days". */
export const withoutDays = (label: string) => label.replace(/ days$/, '')

/** Of two or more lists of bands, the labels that anybody is in: "Unknown" is left out when it is empty everywhere. */
export const shownBands = (lists: readonly (readonly Band[])[]): string[] =>
  (lists[0] ?? []).flatMap((band, n) => (band.known || lists.some((list) => (list[n]?.customers ?? 0) > 0) ? [band.label] : []))

export type Measure = 'customers' | 'spend'

/** The places of outlets, most first; the unknown one last, and only when it has anybody. */
export function ranked(outlets: readonly Outlet[], measure: Measure): number[] {
  const places = outlets.map((_, n) => n).filter((n) => outlets[n]!.name || outlets[n]!.customers > 0)
  return places.toSorted(
    (a, b) => Number(!outlets[a]!.name) - Number(!outlets[b]!.name) || outlets[b]![measure] - outlets[a]![measure] || a - b,
  )
}

export const outletName = (name: string) => name || UNKNOWN

/** One series per segment in its colour: what `values` says of its portrait. */
export const bySegment = (cards: readonly Card[], values: (portrait: Portrait) => number[]) =>
  cards.map(({ name, colour, portrait }) => ({ name, colour, values: values(portrait) }))
