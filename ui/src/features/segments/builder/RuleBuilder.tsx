import { QueryBuilder } from 'react-querybuilder'
import { type Draft, type DraftRule, type Menu, setCondition } from '../model'
import type { BuilderContext } from './context'
import { ConditionRow } from './ConditionRow'
import { GroupCard } from './GroupCard'

type Props = {
  menu: Menu
  draft: DraftRule
  onChange: (draft: DraftRule) => void
  counts: Record<string, number>
  errors: Record<string, string>
}

const controls = { ruleGroup: GroupCard, rule: ConditionRow }

/** Groups of conditions, drawn by our own controls; the draft lives with the caller. */
export function RuleBuilder({ menu, draft, onChange, counts, errors }: Props) {
  const change = (condition: Draft) => onChange(setCondition(draft, condition))
  const context: BuilderContext = { menu, draft, set: onChange, change, counts, errors }
  return (
    <QueryBuilder
      query={draft}
      fields={menu.fields.map(({ key, label }) => ({ name: key, label }))}
      onQueryChange={ignore}
      controlElements={controls as never}
      context={context}
      listsAsArrays
      enableMountQueryChange={false}
      controlClassnames={{ queryBuilder: '' }}
    />
  )
}

/** Every change goes through `model.ts`; react-querybuilder only draws. */
const ignore = () => undefined
