const LANGUAGE = 'en-GB'
const plain = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 2 })
const short = new Intl.NumberFormat(LANGUAGE, { notation: 'compact', maximumFractionDigits: 1 })

/** 12,480; nothing known is a dash. */
export const formatNumber = (value: number | null | undefined) => (value == null ? '–' : plain.format(value))

/** 12.5K, for axis labels only. */
export const formatShort = (value: number) => short.format(value)

/** £1,204.50 for amount 1204.5 and currency GBP. */
export const formatMoney = (amount: number | null | undefined, currency: string) =>
  amount == null ? '–' : new Intl.NumberFormat(LANGUAGE, { style: 'currency', currency }).format(amount)

/** 1.4 MB */
export function formatBytes(bytes: number): string {
  const unit = Math.min(4, Math.floor(Math.log(Math.max(bytes, 1)) / Math.log(1000)))
  return `${plain.format(Math.round((bytes / 1000 ** unit) * 10) / 10)} ${['B', 'kB', 'MB', 'GB', 'TB'][unit]}`
}

/** 24.1 % of `part` in `total`; small but real shares say "< 0.1 %", never 0. */
export function formatPercent(part: number, total = 1, digits = 1): string {
  if (!total) return '–'
  const share = (part / total) * 100
  const least = 10 ** -digits
  if (share > 0 && share < least) return `< ${least} %`
  if (share < 100 && share > 100 - least) return `> ${plain.format(100 - least)} %`
  return `${plain.format(Number(share.toFixed(digits)))} %`
}

/** Percentages of `values` that add to exactly 100 (largest remainder); all zero when there is nothing to share. */
export function percents(values: readonly number[], digits = 0): number[] {
  const total = values.reduce((sum, value) => sum + value, 0)
  if (total <= 0) return values.map(() => 0)
  const scale = 10 ** digits
  const exact = values.map((value) => (value / total) * 100 * scale)
  const floors = exact.map((value) => Math.floor(value + 1e-9))
  const missing = 100 * scale - floors.reduce((sum, value) => sum + value, 0)
  const byRemainder = exact
    .map((value, index) => ({ index, rest: value - floors[index]! }))
    .toSorted((a, b) => b.rest - a.rest || a.index - b.index)
  for (const { index } of byRemainder.slice(0, missing)) floors[index]! += 1
  return floors.map((value) => value / scale)
}
