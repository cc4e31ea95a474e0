import { ColorInput, NumberInput, Select, Stack, Text, Title } from '@mantine/core'
import { t } from '@/lib/i18n'
import type { Look } from './model'

const COLOURS: [key: 'background' | 'surface' | 'ink' | 'accent', label: string][] = [
  ['accent', t('Accent: buttons and links')],
  ['ink', t('Text')],
  ['surface', t('Behind the text')],
  ['background', t('Around the mail')],
]

/** Colours, font and width of the whole mail. */
export function LookSettings({ look, onChange, disabled }: { look: Look; onChange: (look: Look) => void; disabled?: boolean }) {
  return (
    <fieldset disabled={disabled} style={{ border: 0, minWidth: 0, margin: 0, padding: 0 }}>
    <Stack gap="sm">
      <Title order={2} fz="md">
        {t('Look of the mail')}
      </Title>
      <Text size="sm" c="dimmed">
        {t('Choose a block to change it; this is what all of them share.')}
      </Text>
      {COLOURS.map(([key, label]) => (
        <ColorInput
          key={key}
          label={label}
          value={look[key]}
          format="hex"
          withEyeDropper={false}
          onChange={(colour) => /^#[0-9a-f]{6}$/i.test(colour) && onChange({ ...look, [key]: colour })}
        />
      ))}
      <Select
        label={t('Font')}
        allowDeselect={false}
        value={look.font}
        data={[
          { value: 'sans', label: t('Without serifs') },
          { value: 'serif', label: t('With serifs') },
          { value: 'mono', label: t('Typewriter') },
        ]}
        onChange={(font) => onChange({ ...look, font: font as Look['font'] })}
      />
      <NumberInput label={t('Width in pixels')} min={320} max={800} step={20} value={look.width} onChange={(width) => onChange({ ...look, width: Number(width) || 600 })} />
    </Stack>
    </fieldset>
  )
}
