/** Readers for `validateSearch`: what the URL says, or nothing when it says nonsense. */
export type Raw = Record<string, unknown>

export const asText = (value: unknown): string | undefined =>
  typeof value === 'string' && value ? value : typeof value === 'number' ? String(value) : undefined

export const asNumber = (value: unknown): number | undefined => {
  const number = typeof value === 'string' ? Number.parseFloat(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

export const asList = (value: unknown): string[] | undefined => {
  const list = [value].flat().map(asText).filter((one) => one !== undefined)
  return list.length ? list : undefined
}

export const asOneOf = <T extends string>(value: unknown, allowed: readonly T[]): T | undefined =>
  allowed.find((one) => one === value)
