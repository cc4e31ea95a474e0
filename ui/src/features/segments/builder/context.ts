import type { Draft, DraftRule, Menu } from '../model'

/** What react-querybuilder hands to every control. */
export type BuilderContext = {
  menu: Menu
  draft: DraftRule
  set: (draft: DraftRule) => void
  change: (condition: Draft) => void
  counts: Record<string, number>
  errors: Record<string, string>
}
