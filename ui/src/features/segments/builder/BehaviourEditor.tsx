import { Group, NumberInput, Select, Text } from '@mantine/core'
import { t } from '@/lib/i18n'
import {
  type Behaviour, behaviourIn, behaviourOf, CAMPAIGN, doneIn, type Draft, type Engagement, isBehaviour, type Menu, type Moment,
  operatorOf,
} from '../model'
import { Filters } from './Filters'
import { SuggestedInput } from './Suggested'
import { useTyped } from './useTyped'
import { ValueEditor } from './ValueEditor'
import { WhenEditor } from './WhenEditor'

type Props = { menu: Menu; condition: Draft; onChange: (condition: Draft) => void }

const LABELS: Record<string, string> = {
  count: t('times'), amount: t('amount'), quantity: t('quantity'), average: t('average'), share: t('% of spend'),
}
const pseudo = (label: string) => ({ key: '', label, type: 'number', group: '', options: [], suggests: false, operators: [] })

/** What stands after the operator of a condition that is about more than a field. */
export function BehaviourEditor(props: Props) {
  if (isBehaviour(props.condition)) return <Counted {...props} />
  return props.condition.field === CAMPAIGN ? <Engaged {...props} /> : <When {...props} />
}

/** How often, or for how much, a customer purchased or did something, when, and which purchases count. */
function Counted({ menu, condition, onChange }: Props) {
  const value = behaviourOf(condition)
  const done = doneIn(condition)
  const { measures } = behaviourIn(menu, done)
  const set = (next: Partial<Behaviour>) => onChange({ ...condition, value: { ...value, ...next } })
  const [times, type] = useTyped(value.times, (next) => set({ times: next }))
  const isPair = condition.operator === 'between'
  const isPlain = value.measure === 'count' && !isPair
  return (
    <>
      <Group gap={6} wrap="nowrap">
        {isPlain ? (
          <NumberInput
            size="xs"
            w={72}
            aria-label={t('Times')}
            min={condition.operator === 'at_least' ? 1 : 0}
            allowDecimal={false}
            allowNegative={false}
            value={times ?? ''}
            onChange={(next) => type(typeof next === 'number' ? next : null)}
          />
        ) : (
          <ValueEditor
            key={`${isPair}`}
            field={pseudo(LABELS[value.measure] ?? value.measure)}
            shape={isPair ? 'numbers' : 'number'}
            units={menu.units}
            value={value.value}
            onChange={(next) => set({ value: next })}
          />
        )}
        {measures.length > 1 ? (
          <Select
            size="xs"
            w={130}
            aria-label={t('Measure')}
            data={measures.map(({ key, label }) => ({ value: key, label: LABELS[key] ?? label }))}
            value={value.measure}
            onChange={(measure) => measure && set({ measure, value: isPair ? [null, null] : null })}
            allowDeselect={false}
          />
        ) : (
          <Text size="sm">{t('times')}</Text>
        )}
      </Group>
      {done === 'did' && (
        <SuggestedInput on="event" label={t('Event')} value={value.event} onChange={(event) => set({ event })} />
      )}
      <WhenEditor units={menu.units} value={value.window} onChange={(window) => set({ window })} />
      <Filters menu={menu} behaviour={done} value={value.filters} onChange={(filters) => set({ filters })} />
    </>
  )
}

/** When the first or last purchase or event was. */
function When({ menu, condition, onChange }: Props) {
  const value = condition.value as Moment
  const done = doneIn(condition)
  const shape = operatorOf(menu, condition)?.shape
  const set = (next: Partial<Moment>) => onChange({ ...condition, value: { ...value, ...next } })
  return (
    <>
      {shape && (
        <ValueEditor
          key={shape}
          field={pseudo(t('the moment'))}
          shape={shape}
          units={menu.units}
          value={value.value}
          onChange={(next) => set({ value: next })}
        />
      )}
      {done === 'did' && (
        <SuggestedInput on="event" label={t('Event')} value={value.event} onChange={(event) => set({ event })} />
      )}
      <Filters menu={menu} behaviour={done} value={value.filters} onChange={(filters) => set({ filters })} />
    </>
  )
}

/** Which campaign, and when. */
function Engaged({ menu, condition, onChange }: Props) {
  const value = condition.value as Engagement
  return (
    <>
      <Select
        size="xs"
        w={{ base: '100%', xs: 190 }}
        aria-label={t('Campaign')}
        data={(menu.campaigns?.choices ?? []).map(({ key, label }) => ({ value: key, label }))}
        value={value.campaign}
        onChange={(campaign) => campaign && onChange({ ...condition, value: { ...value, campaign } })}
        searchable
        allowDeselect={false}
      />
      <WhenEditor
        units={menu.units}
        value={value.window}
        onChange={(window) => onChange({ ...condition, value: { ...value, window } })}
      />
    </>
  )
}
