import { t } from '@/lib/i18n'
import type { components } from '@/lib/schema.gen'
import type { Menu, Rule } from '../model'

type Schemas = components['schemas']
export type Comparison = Schemas['ComparisonOut']
export type Region = Schemas['RegionOut']
export const MOST = 4

/** "In A and B, not in C", as the rule that a region becomes says it. */
export function regionWords({ inside, outside, join }: Region, names: Map<string, string>): string {
  const named = (ids: string[], and: string) => ids.map((id) => names.get(id) ?? id).join(and)
  const first = t('In {{names}}', { names: named(inside, join === 'or' ? t(' or ') : t(' and ')) })
  return outside.length ? t('{{first}}, not in {{names}}', { first, names: named(outside, t(' or ')) }) : first
}

/** The rule that selects the customers of a region; null when this organisation's limits leave no room for it. */
export function regionRule({ inside, outside, join }: Region, { conditions: most, groups }: Menu['limits']): Rule | null {
  const all = [
    ...inside.map((segment) => ({ kind: 'segment' as const, segment, operator: 'in' as const })),
    ...outside.map((segment) => ({ kind: 'segment' as const, segment, operator: 'not_in' as const })),
  ]
  const parts = Array.from({ length: Math.ceil(all.length / most) }, (_, n) => all.slice(n * most, (n + 1) * most))
  if (parts.length > groups || (join === 'or' && outside.length > 0)) return null
  return { join, groups: parts.map((some) => ({ join, conditions: some })) } as unknown as Rule
}

/** Regions with somebody in them, the largest first. */
export const filled = (regions: Region[]) => regions.filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count)
