import { addDays } from '@/lib/dates'
import { t } from '@/lib/i18n'
import type { components } from '@/lib/schema.gen'

type Schemas = components['schemas']
export type Menu = Schemas['RuleMenuOut']
export type MenuField = Menu['fields'][number]
export type Operator = MenuField['operators'][number]
export type Shape = Operator['shape']
export type Preview = Schemas['RulePreviewOut']
export type Waterfall = Schemas['SegmentWaterfallOut']
export type Segment = Schemas['SegmentOut']
export type SegmentRow = Schemas['SegmentRow']
export type Person = Schemas['MemberOut']
export type Verdict = Schemas['RuleVerdictOut']
export type Version = Schemas['MembershipVersionOut']

export type Performance = Schemas['SegmentPerformanceOut']
export type Slice = Schemas['SegmentSliceOut']
export type Edit = Schemas['RuleChangeOut']

/** The days of the last `period` days up to today ("7", "30"), or all of them ("all"). */
export const daysWithin = (days: Performance['days'], today: string, period: string) =>
  period === 'all' ? days : days.filter(({ day }) => day > addDays(today, -Number(period)))

export type Channel = 'whatsapp' | 'email'

/** How many members can be reached on a channel, as counted with the membership that serves. */
export const reachOf = (segment: Segment, channel: Channel) => segment[channel]?.count ?? 0

/** "850 of 1,050 matched customers have filled phone numbers" */
export const reachWords = (segment: Segment, channel: Channel) =>
  t('{{reached, number}} of {{matched, number}} matched customers have filled {{what}}', {
    reached: reachOf(segment, channel),
    matched: segment.size ?? 0,
    what: channel === 'whatsapp' ? t('phone numbers') : t('email'),
  })

export type Join = 'and' | 'or'
export type Span = { count: number | null; unit: string }
export type Narrowing = { on: string; value: string }

/** What a behaviour condition holds besides the behaviour (in `field`) and the comparison (in `operator`). */
export type Behaviour = { event: string; times: number | null; window: Span | null; filters: Narrowing[] }

/** A condition as it is edited, in the shape of react-querybuilder; a behaviour's field begins with `BEHAVIOUR`. */
export type Draft = { id: string; field: string; operator: string; value: unknown }
export type DraftGroup = { id: string; combinator: Join; rules: Draft[] }
export type DraftRule = { id: string; combinator: Join; rules: DraftGroup[] }

export type RuleCondition =
  | { kind: 'field'; field: string; operator: string; value: unknown }
  | {
      kind: 'behaviour'
      behaviour: string
      event: string | null
      comparison: string
      times: number
      window: Span | null
      filters: Narrowing[]
    }
export type Rule = { join: Join; groups: { join: Join; conditions: RuleCondition[] }[] }

export const BEHAVIOUR = 'behaviour:'
export const isBehaviour = (condition: Draft) => condition.field.startsWith(BEHAVIOUR)
export const behaviourOf = (condition: Draft) => condition.value as Behaviour

let last = 0
/** Names a part of a draft; unique on this page only. */
const newId = () => `p${Date.now().toString(36)}-${(last += 1)}`

export const emptyCondition = (): Draft => ({ id: newId(), field: '', operator: '', value: null })
export const emptyGroup = (): DraftGroup => ({ id: newId(), combinator: 'and', rules: [emptyCondition()] })
export const emptyRule = (): DraftRule => ({ id: newId(), combinator: 'and', rules: [emptyGroup()] })

export const fieldOf = (menu: Menu, condition: Draft) => menu.fields.find(({ key }) => key === condition.field)
export const operatorOf = (menu: Menu, condition: Draft) =>
  fieldOf(menu, condition)?.operators.find(({ key }) => key === condition.operator)

/** The value an editor begins with. */
export function firstValue(shape: Shape): unknown {
  switch (shape) {
    case 'text':
      return ''
    case 'options':
      return []
    case 'numbers':
    case 'dates':
      return [null, null]
    case 'span':
      return { count: 30, unit: 'days' }
    default:
      return null
  }
}

/** The condition after another field was chosen. */
export function withField(menu: Menu, condition: Draft, field: string): Draft {
  if (field.startsWith(BEHAVIOUR)) {
    const value: Behaviour = { event: '', times: 1, window: { count: 365, unit: 'days' }, filters: [] }
    return { ...condition, field, operator: 'at_least', value }
  }
  const operator = menu.fields.find(({ key }) => key === field)?.operators[0]
  return { ...condition, field, operator: operator?.key ?? '', value: operator ? firstValue(operator.shape) : null }
}

/** The condition after another operator was chosen: the value stays when it still fits. */
export function withOperator(menu: Menu, condition: Draft, operator: string): Draft {
  if (isBehaviour(condition)) return { ...condition, operator }
  const before = operatorOf(menu, condition)?.shape
  const after = operatorOf(menu, { ...condition, operator })?.shape
  const value = before === after || !after ? condition.value : firstValue(after)
  return { ...condition, operator, value }
}

const isSpan = (value: unknown): value is Span => !!(value as Span | null)?.count

function isFilled(shape: Shape, value: unknown): boolean {
  switch (shape) {
    case 'none':
      return true
    case 'text':
    case 'option':
    case 'date':
      return typeof value === 'string' && value !== ''
    case 'options':
      return Array.isArray(value) && value.length > 0
    case 'number':
    case 'user':
      return typeof value === 'number'
    case 'numbers':
    case 'dates':
      return Array.isArray(value) && value.length === 2 && value.every((one) => one !== null && one !== '')
    case 'span':
      return isSpan(value)
  }
}

/** Whether the server can be asked about a condition. */
export function isComplete(menu: Menu, condition: Draft): boolean {
  if (isBehaviour(condition)) {
    const { event, times, window, filters } = behaviourOf(condition)
    const isNamed = condition.field !== `${BEHAVIOUR}did` || event !== ''
    return isNamed && times !== null && (!window || isSpan(window)) && filters.every(({ value }) => value !== '')
  }
  const operator = operatorOf(menu, condition)
  return !!operator && isFilled(operator.shape, condition.value)
}

function toCondition(condition: Draft): RuleCondition {
  const { field, operator, value } = condition
  if (!isBehaviour(condition)) return { kind: 'field', field, operator, value }
  const { event, times, window, filters } = behaviourOf(condition)
  const behaviour = field.slice(BEHAVIOUR.length)
  const name = behaviour === 'did' ? event : null
  return { kind: 'behaviour', behaviour, event: name, comparison: operator, times: times ?? 0, window, filters }
}

export type Sent = {
  rule: Rule
  /** The ids of the drafts, in the places that their conditions have in `rule`. */
  ids: string[][]
  /** How many conditions are still to be filled in. */
  open: number
}

/** The server's rule of what is complete so far; null when nothing is. */
export function toRule(menu: Menu, draft: DraftRule): Sent | null {
  const groups = draft.rules
    .map((group) => ({ join: group.combinator, rules: group.rules.filter((one) => isComplete(menu, one)) }))
    .filter(({ rules }) => rules.length > 0)
  if (groups.length === 0) return null
  const all = draft.rules.reduce((sum, { rules }) => sum + rules.length, 0)
  const ids = groups.map(({ rules }) => rules.map(({ id }) => id))
  return {
    rule: {
      join: draft.combinator,
      groups: groups.map(({ join, rules }) => ({ join, conditions: rules.map(toCondition) })),
    },
    ids,
    open: all - ids.flat().length,
  }
}

function fromCondition(condition: RuleCondition): Draft {
  const id = newId()
  if (condition.kind === 'field') {
    const { field, operator, value } = condition
    return { id, field, operator, value: value ?? null }
  }
  const { behaviour, event, comparison, times, window, filters } = condition
  const value: Behaviour = { event: event ?? '', times, window: window ?? null, filters: filters ?? [] }
  return { id, field: BEHAVIOUR + behaviour, operator: comparison, value }
}

/** The draft of a stored rule. */
export function fromRule(rule: Rule): DraftRule {
  const groups = rule.groups.map(({ join, conditions }): DraftGroup => ({
    id: newId(),
    combinator: join,
    rules: conditions.map(fromCondition),
  }))
  return { id: newId(), combinator: rule.join, rules: groups.length ? groups : [emptyGroup()] }
}

/** The count of each condition by the id of its draft. */
export const countsById = (ids: string[][], counts: number[][]): Record<string, number> =>
  Object.fromEntries(ids.flatMap((group, g) => group.map((id, c) => [id, counts[g]?.[c] ?? 0])))

/** Errors of the server ("groups.0.conditions.1.value") by the id of the draft they are about; others under "". */
export function errorsById(ids: string[][], errors: { field: string; message: string }[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const { field, message } of errors) {
    const [, g, c] = /^groups\.(\d+)\.conditions\.(\d+)/.exec(field) ?? []
    const id = g && c ? (ids[Number(g)]?.[Number(c)] ?? '') : ''
    found[id] ??= message
  }
  return found
}

const mapGroups = (draft: DraftRule, id: string, change: (group: DraftGroup) => DraftGroup): DraftRule => ({
  ...draft,
  rules: draft.rules.map((group) => (group.id === id ? change(group) : group)),
})

export const setCondition = (draft: DraftRule, next: Draft): DraftRule => ({
  ...draft,
  rules: draft.rules.map((group) => ({ ...group, rules: group.rules.map((one) => (one.id === next.id ? next : one)) })),
})
export const addCondition = (draft: DraftRule, group: string) =>
  mapGroups(draft, group, (one) => ({ ...one, rules: [...one.rules, emptyCondition()] }))
export const setJoin = (draft: DraftRule, group: string, combinator: Join) =>
  group === draft.id ? { ...draft, combinator } : mapGroups(draft, group, (one) => ({ ...one, combinator }))
export const addGroup = (draft: DraftRule): DraftRule => ({ ...draft, rules: [...draft.rules, emptyGroup()] })
export const removeGroup = (draft: DraftRule, id: string): DraftRule => ({
  ...draft,
  rules: draft.rules.filter((group) => group.id !== id),
})

/** Without the condition; a group that is left empty goes too, unless it is the only one. */
export function removeCondition(draft: DraftRule, id: string): DraftRule {
  const groups = draft.rules.map((group) => ({ ...group, rules: group.rules.filter((one) => one.id !== id) }))
  const kept = groups.filter(({ rules }) => rules.length > 0)
  return { ...draft, rules: kept.length ? kept : [emptyGroup()] }
}

/** Why nothing more can be added, or null. */
export const groupLimit = (menu: Menu, draft: DraftRule): string | null =>
  draft.rules.length < menu.limits.groups ? null : `A rule has at most ${menu.limits.groups} groups.`
export const conditionLimit = (menu: Menu, group: DraftGroup): string | null =>
  group.rules.length < menu.limits.conditions ? null : `A group has at most ${menu.limits.conditions} conditions.`
