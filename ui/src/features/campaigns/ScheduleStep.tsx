import '@mantine/dates/styles.layer.css'
import { NumberInput, Radio, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { DateTimePicker } from '@mantine/dates'
import { t } from '@/lib/i18n'
import { useSession } from '@/lib/session'
import { Section } from '@/ui/Section'
import { type Form, TYPES, zoneName, type StepProps } from './model'

const number = (value: string | number, otherwise: number) => (typeof value === 'number' ? value : otherwise)

/** When it is sent, what it may cost, and how it is measured. */
export function ScheduleStep({ form, change, errors, readOnly }: StepProps) {
  const { organisation } = useSession()
  const { currency } = organisation
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Section title={t('When')}>
        <Stack>
          <Radio.Group
            label={t('Send')}
            value={form.when}
            readOnly={readOnly}
            onChange={(when) => change({ when: when as Form['when'] })}
          >
            <Stack gap="xs" mt={4}>
              <Radio value="now" label={t('As soon as it is launched')} />
              <Radio value="at" label={t('At a time')} />
            </Stack>
          </Radio.Group>
          {form.when === 'at' && (
            <>
              <DateTimePicker
                label={t('Date and time')}
                placeholder={t('Choose a time')}
                valueFormat="DD MMM YYYY HH:mm"
                value={form.local ? form.local.replace('T', ' ') : null}
                onChange={(value) => change({ local: value ? value.replace(' ', 'T').slice(0, 16) : '' })}
                error={errors['schedule.local']}
                readOnly={readOnly}
                popoverProps={{ withinPortal: true }}
                timePickerProps={{ 'aria-label': t('Time'), hoursInputLabel: t('Hours'), minutesInputLabel: t('Minutes') }}
                submitButtonProps={{ 'aria-label': t('Take this time') }}
              />
              <Radio.Group
                label={t('In which time zone')}
                value={form.zone}
                readOnly={readOnly}
                onChange={(zone) => change({ zone: zone as Form['zone'] })}
              >
                <Stack gap="xs" mt={4}>
                  <Radio value="organisation" label={t('The organisation’s: {{zone}}', { zone: zoneName(organisation.time_zone) })} />
                  <Radio
                    value="recipient"
                    label={t('Each recipient’s own')}
                    description={t('Where the clocks skip that hour, they get it an hour later. Who has no zone has the organisation’s.')}
                  />
                </Stack>
              </Radio.Group>
            </>
          )}
          <NumberInput
            label={t('Send within, hours')}
            description={t('Who could not be sent to this long after their time is left out.')}
            value={form.send_within_hours}
            onChange={(value) => change({ send_within_hours: number(value, form.send_within_hours) })}
            min={1}
            max={720}
            allowDecimal={false}
            error={errors.send_within_hours}
            readOnly={readOnly}
          />
        </Stack>
      </Section>
      <Section title={t('Budget')}>
        <Stack>
          <NumberInput
            label={t('Budget, {{currency}}', { currency })}
            description={t('It pauses when the next message would cost more; empty for none.')}
            value={form.budget ?? ''}
            onChange={(value) => change({ budget: typeof value === 'number' ? value : null })}
            min={0}
            decimalScale={2}
            thousandSeparator=","
            error={errors.budget}
            readOnly={readOnly}
          />
          <NumberInput
            label={t('Fixed cost, {{currency}}', { currency })}
            value={form.cost_fixed}
            onChange={(value) => change({ cost_fixed: number(value, 0) })}
            min={0}
            decimalScale={2}
            thousandSeparator=","
            error={errors.cost_fixed}
            readOnly={readOnly}
          />
          <NumberInput
            label={t('Cost of a message, {{currency}}', { currency })}
            value={form.cost_per_message}
            onChange={(value) => change({ cost_per_message: number(value, 0) })}
            min={0}
            step={0.001}
            decimalScale={6}
            error={errors.cost_per_message}
            readOnly={readOnly}
          />
          <NumberInput
            label={t('Conversion window, days')}
            description={t('Orders this long after the message, an open or a click count as its worth.')}
            value={form.conversion_days}
            onChange={(value) => change({ conversion_days: number(value, form.conversion_days) })}
            min={1}
            max={365}
            allowDecimal={false}
            error={errors.conversion_days}
            readOnly={readOnly}
          />
        </Stack>
      </Section>
      <Section title={t('What it is')}>
        <Stack>
          <TextInput
            label={t('Campaign name')}
            value={form.name}
            maxLength={80}
            onChange={(event) => change({ name: event.currentTarget.value })}
            error={errors.name}
            readOnly={readOnly}
            required
          />
          <Select
            label={t('Type')}
            data={TYPES.map((value) => ({ value, label: t(value.replace(/^./, (first) => first.toUpperCase())) }))}
            value={form.type}
            onChange={(type) => type && change({ type })}
            allowDeselect={false}
            readOnly={readOnly}
          />
          <TextInput
            label={t('Objective')}
            description={t('What it should achieve, in a sentence.')}
            value={form.objective}
            maxLength={250}
            onChange={(event) => change({ objective: event.currentTarget.value })}
            readOnly={readOnly}
          />
        </Stack>
      </Section>
      <Section title={t('How it is measured')}>
        <Text size="sm">
          {t('Converted are recipients with an order within the conversion window after a touch. Revenue is the sum of those orders, less what was cancelled in them. Return on investment is revenue less cost, divided by cost.')}
        </Text>
      </Section>
    </SimpleGrid>
  )
}
