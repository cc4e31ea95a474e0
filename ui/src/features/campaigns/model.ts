import type { components } from '@/lib/schema.gen'
import { zoneOffset } from '@/lib/dates'

type Wire = components['schemas']
export type Campaign = Wire['CampaignOut']
export type Row = Wire['CampaignRow']
export type Checklist = Wire['CampaignChecklistOut']
export type Audience = Wire['CampaignAudienceOut']
export type Fill = Wire['CampaignFillOut']
export type Sender = Wire['CampaignSenderOut']
export type Delivery = Wire['CampaignDeliveryOut']
export type Movement = Wire['CampaignMovementOut']
export type Report = Wire['CampaignReport']
/** What the socket sends: the report without what does not change. */
export type Progress = Omit<
  Report,
  'id' | 'name' | 'objective' | 'type' | 'segment' | 'email' | 'subject' | 'launched_at' | 'completed_at' | 'budget' | 'timeline'
>

export const STATUSES = ['draft', 'scheduled', 'running', 'paused', 'completed', 'cancelled'] as const
export const TYPES = ['nurture', 'retention', 'enrollment', 'event'] as const
export const STEPS = ['audience', 'message', 'schedule', 'check'] as const
export type Step = (typeof STEPS)[number]

export const STEP_LABELS: Record<Step, string> = {
  audience: 'Audience',
  message: 'Message',
  schedule: 'Schedule & budget',
  check: 'Check & launch',
}

/** What the editor holds: money as typed, the wall time as the server takes it. */
export type Form = {
  name: string
  type: string
  objective: string
  segment_id: string | null
  exclusions: string[]
  content_version_id: string | null
  mapping: Record<string, Fill>
  sender_id: string | null
  when: 'now' | 'at'
  local: string
  zone: 'organisation' | 'recipient'
  send_within_hours: number
  budget: number | null
  cost_fixed: number
  cost_per_message: number
  conversion_days: number
}

/** What each step of the editor is given. */
export type StepProps = {
  campaign: Campaign
  form: Form
  change: (part: Partial<Form>) => void
  errors: Record<string, string>
  readOnly: boolean
}

export function formOf(campaign: Campaign): Form {
  const schedule = campaign.schedule as { kind?: string; local?: string; zone?: string }
  return {
    name: campaign.name,
    type: campaign.type,
    objective: campaign.objective,
    segment_id: campaign.segment?.id ?? null,
    exclusions: campaign.exclusions.map(({ id }) => id),
    content_version_id: campaign.content?.version_id ?? null,
    mapping: campaign.mapping,
    sender_id: campaign.sender_id,
    when: schedule.kind === 'at' ? 'at' : 'now',
    local: schedule.local ?? '',
    zone: schedule.zone === 'recipient' ? 'recipient' : 'organisation',
    send_within_hours: campaign.send_within_hours,
    budget: campaign.budget === null ? null : Number(campaign.budget),
    cost_fixed: Number(campaign.cost_fixed),
    cost_per_message: Number(campaign.cost_per_message),
    conversion_days: campaign.conversion_days,
  }
}

/** What fills a variable of the email, as far as it is chosen. */
export const fillOf = (form: Form, name: string): Fill => form.mapping[name] ?? { path: '', fallback: '', hidden: false }

/** Whether a variable would be written as nothing for everybody. */
export const needs = ({ path, fallback, hidden }: Fill) => !path && !hidden && !fallback.trim()

type Offered = { path: string; label: string; group: string }
/** The fields as a list to choose from, in their groups. */
export const grouped = (fields: Offered[]) =>
  [...new Set(fields.map(({ group }) => group))].map((group) => ({
    group,
    items: fields.filter((one) => one.group === group).map(({ path, label }) => ({ value: path, label })),
  }))

/** The form as the server takes it; a field hidden from one's role stays as it is. */
export function bodyOf({ when, local, zone, budget, cost_fixed, cost_per_message, mapping, ...rest }: Form) {
  const fills = Object.entries(mapping).map(([name, { path, fallback, hidden }]) => [name, hidden ? { fallback } : { path, fallback }])
  return {
    ...rest,
    mapping: Object.fromEntries(fills),
    schedule: when === 'at' ? { kind: 'at', local, zone } : { kind: 'now' },
    budget: budget === null ? null : String(budget),
    cost_fixed: String(cost_fixed),
    cost_per_message: String(cost_per_message),
  }
}

/** The step of the editor that a check belongs to. */
export const stepOf = (step: string): Step => STEPS.find((one) => one === step) ?? 'check'

/** The worst level of each step's checks; the last step is in order only when every step before it is. */
export function levels(checks: Checklist['checks']): Record<Step, 'ok' | 'warning' | 'error'> {
  const worst = (some: Checklist['checks']) => {
    const found = new Set(some.map(({ level }) => level))
    return found.has('error') ? 'error' : found.has('warning') ? 'warning' : 'ok'
  }
  const of = (step: Step) => worst(checks.filter((check) => stepOf(check.step) === step))
  return { audience: of('audience'), message: of('message'), schedule: of('schedule'), check: worst(checks) }
}

export type Part = { state: string; label: string; count: number; colour: string }

const PARTS: [state: string, label: string, colour: string][] = [
  ['sent', 'Sent', 'teal.7'],
  ['sending', 'Being handed over', 'blue.5'],
  ['claimed', 'Claimed', 'blue.3'],
  ['planned', 'Waiting', 'gray.5'],
  ['suppressed', 'Not allowed', 'orange.6'],
  ['capped', 'Over the cap', 'yellow.6'],
  ['quiet', 'Quiet hours', 'grape.4'],
  ['failed', 'Failed', 'red.6'],
  ['unknown', 'Unknown', 'violet.5'],
  ['expired', 'Too late', 'pink.4'],
  ['cancelled', 'Cancelled', 'gray.7'],
]

/** The states that occur, in the order in which they are drawn; their counts add to what was planned. */
export const parts = (states: Record<string, number>): Part[] =>
  PARTS.map(([state, label, colour]) => ({ state, label, colour, count: states[state] ?? 0 })).filter(({ count }) => count > 0)

export const stateLabel = (state: string) => PARTS.find(([one]) => one === state)?.[1] ?? state

/** Whole seconds that the figures are behind; null when it is not known. */
export const behind = (asOf: string | null | undefined, now: number): number | null =>
  asOf ? Math.max(0, Math.round((now - new Date(asOf).getTime()) / 1000)) : null

/** "+250 %": return on investment as people say it. */
export const roiText = (roi: number | null | undefined): string =>
  roi == null ? '–' : `${roi > 0 ? '+' : roi < 0 ? '−' : ''}${Math.abs(Math.round(roi * 1000) / 10).toLocaleString('en-GB')} %`

const POINTS = ['sent', 'delivered', 'opened', 'clicked', 'unsubscribed'] as const
type Unit = 'second' | 'minute' | 'hour' | 'day'
const LENGTH: Record<Unit, number> = { second: 1, minute: 60, hour: 3600, day: 86_400 }

/** The timeline as the chart takes it, without holes: one category a unit, at most 400 of them. */
export function chartOf({ unit, points }: Report['timeline'], label: (at: Date) => string) {
  const step = (LENGTH[unit as Unit] ?? 60) * 1000
  const known = new Map(points.map((point) => [Math.floor(new Date(point.at).getTime() / step), point]))
  const [first, last] = [Math.min(...known.keys()), Math.max(...known.keys())]
  const slots = known.size ? Array.from({ length: Math.min(400, last - first + 1) }, (_, n) => first + n) : []
  return {
    categories: slots.map((slot) => label(new Date(slot * step))),
    series: POINTS.map((name) => ({
      name: name.replace(/^./, (letter) => letter.toUpperCase()),
      values: slots.map((slot) => known.get(slot)?.[name] ?? 0),
    })).filter(({ values }) => values.some((value) => value > 0)),
  }
}

/** Why a thing cannot be done now, or nothing. */
export const reasonAgainst = (may: boolean, ...reasons: (string | false | null | undefined)[]): string | null =>
  (may ? reasons.find((one): one is string => !!one) : 'Your role does not allow this.') ?? null

/** "Europe/London (GMT+0)" */
export const zoneName = (zone: string) => `${zone} (${zoneOffset(Date.now(), zone)})`
