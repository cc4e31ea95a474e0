import { Button, Checkbox, Group, NumberInput, Popover, RangeSlider, ScrollArea, Stack, Text } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { t } from '@/lib/i18n'
import { DisabledTip } from '@/ui/DisabledTip'
import { ageWords, type Filters, isNarrowed, lastWords, namesWords } from './filters'
import type { Choices } from './model'

type Props = {
  choices: Choices
  value: Filters
  onChange: (value: Filters) => void
  /** Behind the filters: the count. */
  children?: ReactNode
}

/** Age, outlet, category and last purchase; what the data do not have is disabled and says why. */
export function FilterPanel({ choices, value, onChange, children }: Props) {
  const named = (key: 'outlets' | 'categories', names?: string[]) => onChange({ ...value, [key]: names?.length ? names : undefined })
  return (
    <Group gap="xs" align="center" role="group" aria-label={t('Narrow down')}>
      <Dropdown label={ageWords(value)} active={value.age_from !== undefined || value.age_to !== undefined} reason={choices.no_age}>
        <Age
          key={`${value.age_from} ${value.age_to}`}
          least={choices.age_from ?? 0}
          most={choices.age_to ?? 100}
          value={value}
          onChange={onChange}
        />
      </Dropdown>
      <Dropdown label={namesWords(t('Outlet'), value.outlets)} active={!!value.outlets} reason={choices.no_outlet}>
        <Names label={t('Outlet')} names={choices.outlets} chosen={value.outlets} onChange={(names) => named('outlets', names)} />
      </Dropdown>
      <Dropdown label={namesWords(t('Category'), value.categories)} active={!!value.categories} reason="">
        <Names label={t('Category')} names={choices.categories} chosen={value.categories} onChange={(names) => named('categories', names)} />
      </Dropdown>
      <Dropdown
        label={lastWords(value)}
        active={value.last_within !== undefined || value.last_over !== undefined}
        reason={choices.no_last}
      >
        <LastPurchase key={`${value.last_within} ${value.last_over}`} value={value} onChange={onChange} />
      </Dropdown>
      {isNarrowed(value) && (
        <Button variant="subtle" size="compact-sm" onClick={() => onChange({})}>
          {t('Remove all filters')}
        </Button>
      )}
      {children}
    </Group>
  )
}

function Dropdown({ label, active, reason, children }: { label: string; active?: boolean; reason: string; children?: ReactNode }) {
  const button = (
    <Button variant={active ? 'light' : 'default'} px="sm" rightSection={<IconChevronDown size={14} stroke={1.6} />}>
      {label}
    </Button>
  )
  if (reason) return <DisabledTip reason={reason}>{button}</DisabledTip>
  return (
    <Popover position="bottom-start" shadow="md" trapFocus>
      <Popover.Target>{button}</Popover.Target>
      <Popover.Dropdown>{children}</Popover.Dropdown>
    </Popover>
  )
}

type NamesProps = { label: string; names: string[]; chosen?: string[]; onChange: (names: string[]) => void }

const Names = ({ label, names, chosen, onChange }: NamesProps) => (
  <ScrollArea.Autosize mah={320} type="auto">
    <Checkbox.Group value={chosen ?? []} onChange={onChange} aria-label={label}>
      <Stack gap={8} pr="sm">
        {names.map((name) => (
          <Checkbox key={name} value={name} size="xs" label={name} />
        ))}
      </Stack>
    </Checkbox.Group>
  </ScrollArea.Autosize>
)

type EditorProps = { value: Filters; onChange: (value: Filters) => void }

function Age({ least, most, value, onChange }: EditorProps & { least: number; most: number }) {
  const [range, setRange] = useState<[number, number]>([value.age_from ?? least, value.age_to ?? most])
  const commit = ([from, to]: [number, number]) =>
    onChange({ ...value, age_from: from > least ? from : undefined, age_to: to < most ? to : undefined })
  return (
    <Stack gap={6} w={260} pb="lg">
      <Text size="sm" fw={500}>
        {t('{{from}} to {{to}} years', { from: range[0], to: range[1] })}
      </Text>
      <RangeSlider
        min={least}
        max={Math.max(most, least + 1)}
        minRange={0}
        value={range}
        onChange={setRange}
        onChangeEnd={commit}
        thumbFromLabel={t('Youngest')}
        thumbToLabel={t('Oldest')}
        marks={[{ value: least, label: least }, { value: most, label: most }]}
        label={null}
      />
    </Stack>
  )
}

const whole = (days: number | string) => (typeof days === 'number' ? days : undefined)

const WITHIN = [7, 30, 90]
const OVER = [30, 90, 180]

function LastPurchase({ value, onChange }: EditorProps) {
  const [within, setWithin] = useState<number | string>(value.last_within ?? '')
  const [over, setOver] = useState<number | string>(value.last_over ?? '')
  const commit = () => onChange({ ...value, last_within: whole(within), last_over: whole(over) })
  return (
    <Stack
      gap="sm"
      w={260}
      component="form"
      onSubmit={(event: React.FormEvent) => {
        event.preventDefault()
        commit()
      }}
    >
      <Group gap={6}>
        {WITHIN.map((days) => (
          <Button key={days} size="compact-xs" variant="default" onClick={() => onChange({ ...value, last_within: days, last_over: undefined })}>
            {t('within {{days}} days', { days })}
          </Button>
        ))}
        {OVER.map((days) => (
          <Button key={days} size="compact-xs" variant="default" onClick={() => onChange({ ...value, last_over: days, last_within: undefined })}>
            {t('over {{days}} days ago', { days })}
          </Button>
        ))}
      </Group>
      <Group gap="xs" grow>
        <NumberInput label={t('Within days')} min={0} allowDecimal={false} allowNegative={false} value={within} onChange={setWithin} />
        <NumberInput label={t('Over days ago')} min={0} allowDecimal={false} allowNegative={false} value={over} onChange={setOver} />
      </Group>
      <Group justify="flex-end">
        <Button type="submit" size="xs">
          {t('Apply')}
        </Button>
      </Group>
    </Stack>
  )
}
