import { Anchor, Button, Group, Input, Stack, TextInput } from '@mantine/core'
import { IconCurrentLocation } from '@tabler/icons-react'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { type Field, fromPoint, mapUrl, pointOf, pointProblem } from '../model'

type Props = { field: Field; value: unknown; error?: string; onChange: (value: string | null) => void }

const DIGITS = 6 // about 10 cm

/** What was typed as a number is written, with a decimal comma or a long minus too. */
const number = (text: string) => text.trim().replace(',', '.').replaceAll('−', '-')

/** A point by latitude and longitude, or where the device is. */
export function PointInput({ field, value, error, onChange }: Props) {
  const [asking, ask] = useState(false)
  const [denied, deny] = useState('')
  const point = pointOf(value)
  const wrong = pointProblem(point)
  const set = (part: Partial<typeof point>) => {
    deny('')
    onChange(fromPoint({ ...point, ...part }))
  }
  const locate = () => {
    ask(true)
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        ask(false)
        set({ lat: coords.latitude.toFixed(DIGITS), lon: coords.longitude.toFixed(DIGITS) })
      },
      () => {
        ask(false)
        deny(t('The browser did not tell where this device is.'))
      },
      { timeout: 10_000, enableHighAccuracy: true },
    )
  }
  return (
    <Input.Wrapper label={field.label} labelElement="div" size="sm" error={error ?? (t(wrong) || denied)}>
      <Stack gap={6} role="group" aria-label={field.label}>
        <Group gap="xs" grow wrap="nowrap">
          <TextInput size="sm" inputMode="decimal" aria-label={t('Latitude')} placeholder={t('Latitude')} value={point.lat} onChange={(e) => set({ lat: number(e.currentTarget.value) })} />
          <TextInput size="sm" inputMode="decimal" aria-label={t('Longitude')} placeholder={t('Longitude')} value={point.lon} onChange={(e) => set({ lon: number(e.currentTarget.value) })} />
        </Group>
        <Group gap="xs">
          <Button variant="default" size="compact-sm" loading={asking} leftSection={<IconCurrentLocation size={14} />} onClick={locate}>{t('Use my position')}</Button>
          {!wrong && point.lat && <Anchor href={mapUrl(point)} target="_blank" rel="noreferrer" size="sm">{t('Show on a map')}</Anchor>}
        </Group>
      </Stack>
    </Input.Wrapper>
  )
}
