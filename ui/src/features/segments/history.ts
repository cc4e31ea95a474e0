import { t } from '@/lib/i18n'
import type { components } from '@/lib/schema.gen'

type Schemas = components['schemas']
export type SegmentHistory = Schemas['SegmentHistoryOut']
export type RuleChange = Schemas['RuleChangeOut']
export type HistoryDay = SegmentHistory['days'][number]
export type Uses = Schemas['SegmentUseList']

type Difference = RuleChange['differences'][number]

function differenceLine({ change, group, before, after }: Difference): string {
  switch (change) {
    case 'added':
      return t('Added: {{after}}', { after })
    case 'removed':
      return t('Removed: {{before}}', { before })
    case 'changed':
      return t('Changed: {{before}} → {{after}}', { before, after })
    case 'join': {
      const words = { before: before.toUpperCase(), after: after.toUpperCase() }
      return group === 0
        ? t('Between groups: {{before}} → {{after}}', words)
        : t('In group {{group}}: {{before}} → {{after}}', { ...words, group })
    }
  }
}

function uploadLine({ how, file_name: file, found: count, missing }: NonNullable<RuleChange['upload']>): string {
  const words = { file, count }
  const said = {
    replace: t('Members from “{{file}}”: {{count, number}} customers', words),
    add: t('Added from “{{file}}”: {{count, number}} customers', words),
    remove: t('Removed by “{{file}}”: {{count, number}} customers', words),
  }[how]
  return missing ? t('{{said}} ({{missing, number}} rows not found)', { said, missing }) : said
}

/** What one save changed, a line each. */
export function changeLines(change: RuleChange): string[] {
  const { upload } = change
  if (change.first) return [t('Created'), ...(upload ? [uploadLine(upload)] : change.sentence ? [change.sentence] : [])]
  const lines = [
    ...(upload ? [uploadLine(upload)] : []),
    ...(change.renamed ? [t('Renamed from “{{before}}” to “{{after}}”', { before: change.renamed, after: change.name })] : []),
    ...(change.described ? [t('Description changed')] : []),
    ...change.differences.map(differenceLine),
  ]
  return lines.length ? lines : [t('Saved without a difference')]
}

/** The days on which the chart marks an edit: that of the edit, or the first recorded one after it; creation is none. */
export function editedDays(days: HistoryDay[], changes: RuleChange[]): { day: string; changes: RuleChange[] }[] {
  const found = new Map<string, RuleChange[]>()
  for (const change of changes.filter(({ first }) => !first)) {
    const shown = days.find(({ day }) => day >= change.day)?.day
    if (shown) found.set(shown, [...(found.get(shown) ?? []), change])
  }
  return [...found].map(([day, some]) => ({ day, changes: some }))
}
