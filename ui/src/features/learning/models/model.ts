import { t } from '@/lib/i18n'
import type { components } from '@/lib/schema.gen'

type Schemas = components['schemas']
export type State = Schemas['ModelStateOut']
export type Version = Schemas['ModelVersionOut']
export type ModelFile = Schemas['ModelFileOut']
export type Scoring = Schemas['ModelScoringOut']
export type Comparison = Schemas['ModelComparisonOut']
export type Plan = Schemas['ModelPlanOut']
export type PlanIn = Schemas['ModelPlanIn']
export type Row = Schemas['RecommendationRow']
export type Role = ModelFile['columns'][string]
export type Match = ModelFile['match']

export type Finding = { column: string; what: string; done: string; rows: number; examples: { row: number; value: string }[] }
export type Look = {
  rows: number
  usable: number
  refused: number
  findings: Finding[]
  labels: { label: string; customers: number; few: boolean }[]
  problems: string[]
  warnings: string[]
  outlets: number
  categories: string[]
  head: Record<string, (string | null)[]>
  customers: { named: number; matched: number; unmatched: number }
}
export type Receipt = Record<'rows' | 'matched' | 'added' | 'repeated' | 'unnamed' | 'unmatched' | 'rejected', number>
export type Found = { key: string; name: string; customers: number; share: number; traits: { words: string }[] }

export const ROLES: { value: Role; label: string }[] = [
  { value: 'id', label: 'Customer’s id' },
  { value: 'outlet', label: 'Outlet' },
  { value: 'sales', label: 'Sales of a category' },
  { value: 'label', label: 'Label to learn' },
  { value: 'age', label: 'Age in years' },
  { value: 'recency', label: 'Days since the last order' },
  { value: 'frequency', label: 'Number of orders' },
  { value: 'basket', label: 'Average basket' },
  { value: 'unused', label: 'Not used' },
]

export const MATCHES: { value: Match; label: string }[] = [
  { value: 'customer_id', label: 'Customer ID' },
  { value: 'email', label: 'Email' },
  { value: 'phone', label: 'Phone number' },
]

const METRICS: Record<string, string> = {
  silhouette: 'Separation (silhouette)',
  stability: 'Stability in other halves (adjusted Rand)',
  held_out: 'Agreement on customers held out',
  accuracy: 'Accuracy',
  macro_f1: 'F1 averaged over labels',
  calibration_error: 'Error of the probabilities',
  customers: 'Customers',
  labelled: 'Customers with a label',
  mean_probability: 'Mean certainty of a segment',
  agreement: 'Agreement with the labels (adjusted Rand)',
}
const MODELS: Record<string, string> = { neural: 'Neural', simple: 'Simple', rfm: 'RFM' }

export const metricName = (key: string) => t(METRICS[key] ?? key)

/** The metrics of the neural model beside those of the simple ones: columns, and a row each. */
export function metricTable(metrics: Version['metrics']): { models: string[]; rows: { name: string; values: (number | undefined)[] }[] } {
  const keys = Object.keys(MODELS).filter((key) => typeof metrics[key] === 'object')
  const of = (key: string) => metrics[key] as Record<string, number>
  const names = [...new Set(keys.flatMap((key) => Object.keys(of(key))))]
  return {
    models: keys.map((key) => t(MODELS[key]!)),
    rows: names.map((name) => ({ name: metricName(name), values: keys.map((key) => of(key)[name]) })),
  }
}

/** Who moved: a row for each old segment, a column for each new one, by name. */
export function movement({ moved, names, with: before }: Comparison, version: number) {
  const name = (number: number, key: string) => names[number]?.[key] ?? key
  const columns = [...new Set(Object.values(moved).flatMap((row) => Object.keys(row)))].toSorted()
  return {
    columns: columns.map((key) => ({ key, name: name(version, key) })),
    rows: Object.keys(moved)
      .toSorted()
      .map((key) => ({ key, name: name(before, key), counts: columns.map((to) => moved[key]?.[to] ?? 0) })),
  }
}

/** Why a file cannot be learnt from now; null: it can. */
export function whyNotFile(file: ModelFile | undefined): string | null {
  if (!file) return t('Choose a file.')
  const look = file.look as Look | null
  if (!look) return t('This file is still being looked at.')
  return look.problems[0] ?? null
}

export const hasLabels = (file: ModelFile | undefined) => Object.values(file?.columns ?? {}).includes('label')

/** What a file lacks so that its customers become members. */
export const lacksPeople = (file: ModelFile | undefined) => {
  const look = file?.look as Look | null | undefined
  return look && !file?.add && look.customers.unmatched > 0 ? look.customers.unmatched : 0
}

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** The traits of a recommendation as people write them: "share of luxury ≥ 0.8, spend ≤ -0.2". */
export const whenWords = (when: Row['when']) =>
  Object.entries(when)
    .map(([trait, least]) => `${trait} ${least < 0 ? '≤' : '≥'} ${least}`)
    .join(', ')

/** The same read back; a sentence when a part cannot be read. */
export function readWhen(text: string): Row['when'] | string {
  const when: Row['when'] = {}
  for (const part of text.split(',').map((one) => one.trim()).filter(Boolean)) {
    const found = /^(.+?)\s*(≥|≤|>=|<=)\s*(-?\d+(?:\.\d+)?)$/.exec(part)
    if (!found) return t('“{{part}}” is not of the form “spend ≥ 0.8”.', { part })
    const least = Number(found[3])
    const isLess = found[2] === '≤' || found[2] === '<='
    if (isLess !== least < 0) return t('“{{part}}”: write ≥ with a number from 0 on, ≤ with one below 0.', { part })
    when[found[1]!.trim()] = least
  }
  return when
}
