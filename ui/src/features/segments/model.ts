import { addDays } from '@/lib/dates'
import { t } from '@/lib/i18n'
import type { components } from '@/lib/schema.gen'

type Schemas = components['schemas']
export type Choice = { key: string; label: string }
type Choices = { choices: Choice[]; operators: Choice[] }
export type Filterable = { key: string; label: string; operators: Operator[] }

/** What a rule can be made of; the kinds of conditions that a server does not offer are absent. */
export type Menu = Schemas['RuleMenuOut'] & {
  moments?: { choices: { which: string; behaviour: string; label: string }[]; operators: Operator[] }
  segments?: Choices
  campaigns?: Choices
}
export type MenuField = Schemas['RuleMenuOut']['fields'][number]
export type Operator = MenuField['operators'][number]
export type Shape = Operator['shape']
export type Preview = Schemas['RulePreviewOut']
export type Waterfall = Schemas['SegmentWaterfallOut']
export type Segment = Schemas['SegmentOut']
export type SegmentRow = Schemas['SegmentRow']
/** Whether a verb is offered: the role lets it, and either it can be done or there is a reason why not. */
export const canOrWhy = ({ reasons, ...can }: SegmentRow['allowed'], verb: 'edit' | 'duplicate' | 'recalculate') =>
  can[verb] || verb in reasons

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
export type Narrowing = { on: string; operator?: string; value: unknown }
/** The last so many units, from one date to another, or ever. */
export type When = Span | { from: string | null; to: string | null } | null

/** What a behaviour condition holds besides the behaviour (in `field`) and the comparison (in `operator`). */
export type Behaviour = {
  event: string
  measure: string
  times: number | null
  value: unknown
  window: When
  filters: Narrowing[]
}
/** What "first or last purchase or event" holds besides which (in `field`) and the operator. */
export type Moment = { event: string; filters: Narrowing[]; value: unknown }
/** What "engaged with a campaign" holds besides how (in `operator`). */
export type Engagement = { campaign: string; window: When }

/** A condition as it is edited, in the shape of react-querybuilder; a behaviour's field begins with `BEHAVIOUR`. */
export type Draft = { id: string; field: string; operator: string; value: unknown }
export type DraftGroup = { id: string; combinator: Join; rules: Draft[] }
export type DraftRule = { id: string; combinator: Join; rules: DraftGroup[] }

type Counted = { behaviour: string; event: string | null; filters: Narrowing[] }
export type RuleCondition =
  | { kind: 'field'; field: string; operator: string; value: unknown }
  | (Counted & { kind: 'behaviour'; measure?: string; comparison: string; times?: number | null; value?: unknown; window: When })
  | (Counted & { kind: 'moment'; which: string; operator: string; value: unknown })
  | { kind: 'segment'; segment: string; operator: string }
  | { kind: 'campaign'; campaign: string; operator: string; window: When }
export type Rule = { join: Join; groups: { join: Join; conditions: RuleCondition[] }[] }

export const BEHAVIOUR = 'behaviour:'
export const MOMENT = 'moment:'
export const SEGMENT = 'segment:'
export const CAMPAIGN = 'campaign:'
export const isBehaviour = (condition: Draft) => condition.field.startsWith(BEHAVIOUR)
export const behaviourOf = (condition: Draft) => condition.value as Behaviour

/** "purchased" or "did", of a behaviour or a moment. */
export const doneIn = ({ field }: Draft) => field.split(':').at(-1) ?? ''
const isCount = (condition: Draft) => behaviourOf(condition).measure === 'count' && condition.operator !== 'between'

/** The measures and the filters of a behaviour; a server that knows only equality offers just that. */
export const behaviourIn = (menu: Menu, key: string) => {
  const found = menu.behaviours.find((one) => one.key === key) as
    | { label: string; narrowed_by: Choice[]; measures?: Choice[]; filters?: Filterable[] }
    | undefined
  const is: Operator[] = [{ key: 'is', label: 'is', shape: 'text' }]
  const filters = found?.filters ?? found?.narrowed_by.map((one) => ({ ...one, operators: is })) ?? []
  return { measures: found?.measures ?? [], filters }
}

/** The filter that `on` belongs to: "prop:colour" to "prop:". */
export const filterFor = (filters: Filterable[], on: string) =>
  filters.find(({ key }) => key === on) ?? filters.find(({ key }) => key.endsWith(':') && on.startsWith(key))

let last = 0
/** Names a part of a draft; unique on this page only. */
const newId = () => `p${Date.now().toString(36)}-${(last += 1)}`

export const emptyCondition = (): Draft => ({ id: newId(), field: '', operator: '', value: null })
export const emptyGroup = (): DraftGroup => ({ id: newId(), combinator: 'and', rules: [emptyCondition()] })
export const emptyRule = (): DraftRule => ({ id: newId(), combinator: 'and', rules: [emptyGroup()] })

export const fieldOf = (menu: Menu, condition: Draft) => menu.fields.find(({ key }) => key === condition.field)
/** The operators that a condition can have. */
export function operatorsOf(menu: Menu, condition: Draft): Choice[] {
  const { field } = condition
  if (field.startsWith(BEHAVIOUR)) return menu.comparisons
  if (field.startsWith(MOMENT)) return menu.moments?.operators ?? []
  if (field === SEGMENT) return menu.segments?.operators ?? []
  if (field === CAMPAIGN) return menu.campaigns?.operators ?? []
  return fieldOf(menu, condition)?.operators ?? []
}
/** The operator of a field or of a moment, with the shape of its value. */
export const operatorOf = (menu: Menu, condition: Draft) =>
  (condition.field.startsWith(MOMENT) ? menu.moments : fieldOf(menu, condition))?.operators.find(
    ({ key }) => key === condition.operator,
  )

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
  const operators = operatorsOf(menu, { ...condition, field })
  const operator = operators[0]?.key ?? ''
  if (field.startsWith(BEHAVIOUR)) {
    const value: Behaviour = {
      event: '', measure: 'count', times: 1, value: null, window: { count: 365, unit: 'days' }, filters: [],
    }
    return { ...condition, field, operator: 'at_least', value }
  }
  if (field.startsWith(MOMENT)) {
    const isThere = operators.some(({ key }) => key === 'in_last')
    const next = { ...condition, field, operator: isThere ? 'in_last' : operator }
    const shape = operatorOf(menu, next)?.shape ?? 'none'
    return { ...next, value: { event: '', filters: [], value: firstValue(shape) } satisfies Moment }
  }
  if (field === SEGMENT) return { ...condition, field, operator, value: null }
  if (field === CAMPAIGN)
    return { ...condition, field, operator, value: { campaign: 'any', window: { count: 30, unit: 'days' } } satisfies Engagement }
  const shape = fieldOf(menu, { ...condition, field })?.operators[0]?.shape
  return { ...condition, field, operator, value: shape ? firstValue(shape) : null }
}

/** The condition after another operator was chosen: the value stays when it still fits. */
export function withOperator(menu: Menu, condition: Draft, operator: string): Draft {
  const next = { ...condition, operator }
  if (isBehaviour(condition)) {
    const value = behaviourOf(condition)
    const isPair = operator === 'between'
    return isPair === (condition.operator === 'between') ? next : { ...next, value: { ...value, value: isPair ? [null, null] : null } }
  }
  const before = operatorOf(menu, condition)?.shape
  const after = operatorOf(menu, next)?.shape
  if (before === after || !after) return next
  if (condition.field.startsWith(MOMENT)) return { ...next, value: { ...(condition.value as Moment), value: firstValue(after) } }
  return { ...next, value: firstValue(after) }
}

const isSpan = (value: unknown): value is Span => !!(value as Span | null)?.count

export function isFilled(shape: Shape, value: unknown): boolean {
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

const isWindow = (window: When) => !window || ('from' in window ? !!(window.from || window.to) : isSpan(window))

function areFilled(menu: Menu, condition: Draft, filters: Narrowing[]): boolean {
  const known = behaviourIn(menu, doneIn(condition)).filters
  return filters.every(({ on, operator = 'is', value }) => {
    const shape = filterFor(known, on)?.operators.find(({ key }) => key === operator)?.shape
    return !on.endsWith(':') && isFilled(shape ?? 'text', value)
  })
}

/** Whether the server can be asked about a condition. */
export function isComplete(menu: Menu, condition: Draft): boolean {
  const { field, operator, value } = condition
  if (field === SEGMENT) return typeof value === 'string' && value !== ''
  if (field === CAMPAIGN) return operator !== '' && isWindow((value as Engagement).window)
  const found = operatorOf(menu, condition)
  const isNamed = doneIn(condition) !== 'did' || (value as Behaviour | null)?.event !== ''
  if (field.startsWith(MOMENT)) {
    const moment = value as Moment
    return isNamed && !!found && isFilled(found.shape, moment.value) && areFilled(menu, condition, moment.filters)
  }
  if (isBehaviour(condition)) {
    const { times, value: amount, window, filters } = behaviourOf(condition)
    const isGiven = isCount(condition) ? times !== null : isFilled(operator === 'between' ? 'numbers' : 'number', amount)
    return isNamed && isGiven && isWindow(window) && areFilled(menu, condition, filters)
  }
  return !!found && isFilled(found.shape, value)
}

/** Without what the server takes for granted. */
const narrowings = (filters: Narrowing[]) =>
  filters.map(({ on, operator = 'is', value }) => (operator === 'is' ? { on, value } : { on, operator, value }))

function toCondition(condition: Draft): RuleCondition {
  const { field, operator, value } = condition
  if (field === SEGMENT) return { kind: 'segment', segment: value as string, operator }
  if (field === CAMPAIGN) return { kind: 'campaign', operator, ...(value as Engagement) }
  const behaviour = doneIn(condition)
  if (field.startsWith(MOMENT)) {
    const { event, filters, value: when } = value as Moment
    const which = field.split(':')[1] ?? 'last'
    const named = behaviour === 'did' ? event : null
    return { kind: 'moment', which, behaviour, event: named, filters: narrowings(filters), operator, value: when }
  }
  if (!isBehaviour(condition)) return { kind: 'field', field, operator, value }
  const { event, measure, times, value: amount, window, filters } = behaviourOf(condition)
  const what = measure === 'count' ? {} : { measure }
  const compared = isCount(condition) ? { times: times ?? 0 } : { value: amount }
  const named = behaviour === 'did' ? event : null
  return { kind: 'behaviour', behaviour, event: named, ...what, comparison: operator, ...compared, window, filters: narrowings(filters) }
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

/** The draft of a condition as the server keeps it. */
export function fromCondition(condition: RuleCondition): Draft {
  const id = newId()
  switch (condition.kind) {
    case 'field':
      return { id, field: condition.field, operator: condition.operator, value: condition.value ?? null }
    case 'segment':
      return { id, field: SEGMENT, operator: condition.operator, value: condition.segment }
    case 'campaign': {
      const { campaign, operator, window } = condition
      return { id, field: CAMPAIGN, operator, value: { campaign, window: window ?? null } satisfies Engagement }
    }
    case 'moment': {
      const { which, behaviour, event, filters, operator, value } = condition
      const kept: Moment = { event: event ?? '', filters: filters ?? [], value: value ?? null }
      return { id, field: `${MOMENT}${which}:${behaviour}`, operator, value: kept }
    }
    case 'behaviour': {
      const { behaviour, event, measure = 'count', comparison, times, value, window, filters } = condition
      const kept: Behaviour = {
        event: event ?? '', measure, times: times ?? null, value: value ?? null, window: window ?? null, filters: filters ?? [],
      }
      return { id, field: BEHAVIOUR + behaviour, operator: comparison, value: kept }
    }
  }
}

/** What a new segment begins with, when the URL says it. */
export type Begin = { name?: string; rule?: Rule }

/** A rule in a URL; nothing when it has not even the shape of one (what is wrong in it, the server says). */
export function ruleOf(raw: unknown): Rule | undefined {
  const groups = (raw as Partial<Rule> | null | undefined)?.groups
  return Array.isArray(groups) && groups.every((group) => Array.isArray(group?.conditions)) ? (raw as Rule) : undefined
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

/** Errors of the server ("groups.0.conditions.1.value", or "rule.groups…" from the reader of bodies) by the id of the draft they are about; others under "". */
export function errorsById(ids: string[][], errors: { field: string; message: string }[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const { field, message } of errors) {
    const [, g, c] = /^(?:rule\.)?groups\.(\d+)\.conditions\.(\d+)/.exec(field) ?? []
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
