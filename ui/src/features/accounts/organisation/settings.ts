import type { Setting } from '../queries'

export type Group = { name: string; settings: Setting[] }

/** The settings whose words hold all of what is searched for, under their headings, in the server's order. */
export function grouped(settings: Setting[], search: string): Group[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const groups = new Map<string, Setting[]>()
  for (const setting of settings) {
    const text = [setting.label, setting.about, setting.hint, setting.group].join(' ').toLowerCase()
    if (words.every((word) => text.includes(word))) groups.set(setting.group, [...(groups.get(setting.group) ?? []), setting])
  }
  return [...groups].map(([name, found]) => ({ name, settings: found }))
}

/** A default as a person reads it. */
export function standard({ default: value }: Setting): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (Array.isArray(value)) return value.length > 6 ? `${value.length} words` : value.join(', ')
  return typeof value === 'number' ? value.toLocaleString('en-GB') : value
}
