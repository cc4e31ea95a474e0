import { NumberInput, SimpleGrid, Switch, TagsInput, Text, Textarea, TextInput } from '@mantine/core'
import { useId } from 'react'
import { t } from '@/lib/i18n'
import { RelativeTime } from '@/ui/Time'
import type { Setting } from '../queries'
import { standard } from './settings'

type Value = Setting['value']
type InputProps = { value?: unknown; onChange?: (value: Value) => void; error?: unknown }
type Props = { setting: Setting } & InputProps

/** A setting: what it is called and does on the left, its value, default and last change on the right. */
export function SettingRow({ setting, ...input }: Props) {
  const about = useId()
  const usual = standard(setting)
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="lg" verticalSpacing={6}>
      <div>
        <Text component="div" fw={500}>
          {t(setting.label)}
        </Text>
        <Text id={about} size="sm" c="dimmed">
          {t(setting.about)}
        </Text>
      </div>
      <div>
        <Control setting={setting} about={about} {...input} />
        <Text size="xs" c="dimmed" mt={4}>
          {setting.hint ? `${t(setting.hint)} · ` : ''}
          {usual === '' ? t('Empty by default') : t('{{value}} by default', { value: usual })}
          {setting.changed_at && (
            <>
              {' · '}
              {t('changed by {{who}}', { who: setting.changed_by })} <RelativeTime value={setting.changed_at} />
            </>
          )}
        </Text>
      </div>
    </SimpleGrid>
  )
}

function Control({ setting, about, value, onChange, error }: Props & { about: string }) {
  const common = { 'aria-label': t(setting.label), 'aria-describedby': about, error: error as string | undefined }
  switch (setting.kind) {
    case 'number':
      return (
        <NumberInput
          {...common}
          allowDecimal={false}
          thousandSeparator=","
          min={setting.low}
          max={setting.high}
          value={value as number}
          onChange={(next) => onChange?.(next)}
        />
      )
    case 'switch':
      return <Switch {...common} checked={value as boolean} onChange={(event) => onChange?.(event.currentTarget.checked)} />
    case 'words':
      return <TagsInput {...common} maxTags={setting.high} value={value as string[]} onChange={(next) => onChange?.(next)} />
    case 'text':
      return (
        <Textarea
          {...common}
          autosize
          minRows={2}
          maxLength={setting.high}
          value={value as string}
          onChange={(event) => onChange?.(event.currentTarget.value)}
        />
      )
    case 'time':
    case 'country':
      return (
        <TextInput
          {...common}
          type={setting.kind === 'time' ? 'time' : 'text'}
          value={value as string}
          onChange={(event) => onChange?.(event.currentTarget.value)}
        />
      )
  }
}
