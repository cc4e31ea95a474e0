import type { Change, Rate } from './queries'

/** The currencies the browser knows, but the organisation's own, which needs no rate. */
export const othersThan = (own: string) => Intl.supportedValuesOf('currency').filter((code) => code !== own)

/** What keeps `next`, in place of `before` where that was of another day or currency. */
export function changes(next: Change, before: Rate | null): Change[] {
  const moved = before && (before.day !== next.day || before.currency !== next.currency)
  return moved ? [{ day: before.day, currency: before.currency, rate: null }, next] : [next]
}

/** What is wrong with what was typed, by field; the server looks again. */
export function faults({ day, currency, rate }: Change): Partial<Record<keyof Change, string>> {
  const found: Partial<Record<keyof Change, string>> = {}
  if (!day) found.day = 'Choose a day.'
  if (!currency) found.currency = 'Choose a currency.'
  if (!/^\d{1,7}(\.\d{1,12})?$/.test(rate ?? '') || !Number(rate)) found.rate = 'Give a number above 0, like 0.0000613.'
  return found
}

/** The field of a refusal: "[1].rate" → "rate". */
export const placed = (fields: Record<string, string>) =>
  Object.fromEntries(Object.entries(fields).map(([name, message]) => [name.replace(/^.*\./, ''), message]))
