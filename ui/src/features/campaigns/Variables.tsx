import { Alert, Button, Fieldset, Group, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { Section } from '@/ui/Section'
import { type Fill, fillOf, grouped, needs, type StepProps } from './model'
import { type Placeholder, useFields, usePlaceholders } from './queries'

/** What fills the variables that the email leaves open; nothing is shown for an email without any. */
export function Variables({ form, change, errors, readOnly }: Omit<StepProps, 'campaign'>) {
  const { data: open = [], error } = usePlaceholders(form.content_version_id)
  const { data: fields = [] } = useFields(open.length > 0)
  if (error) return <Alert color="red">{sentence(error)}</Alert>
  if (!open.length) return null
  const options = grouped(fields)
  const missing = open.filter(({ name }) => needs(fillOf(form, name)))
  return (
    <Section title={t('Template variables')}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t('This email leaves these open. Choose the field that fills each one; the fallback is written where a recipient has no value.')}
        </Text>
        {open.map((one) => (
          <Variable
            key={one.name}
            one={one}
            fill={fillOf(form, one.name)}
            options={options}
            labels={new Map(fields.map(({ path, label }) => [path, label]))}
            error={errors[`mapping.${one.name}`]}
            readOnly={readOnly}
            onChange={(fill) => change({ mapping: { ...form.mapping, [one.name]: fill } })}
          />
        ))}
        <Text size="sm" role="status" c={missing.length ? 'var(--mantine-color-error)' : 'dimmed'}>
          {missing.length
            ? t('Not mapped yet: {{names}}', { names: missing.map(({ name }) => name).join(', ') })
            : t('Every variable is mapped.')}
        </Text>
      </Stack>
    </Section>
  )
}

type Props = {
  one: Placeholder
  fill: Fill
  options: ReturnType<typeof grouped>
  labels: Map<string, string>
  error?: string
  readOnly: boolean
  onChange: (fill: Fill) => void
}

function Variable({ one: { name, suggestion }, fill, options, labels, error, readOnly, onChange }: Props) {
  const like = !readOnly && !fill.path && !fill.hidden && suggestion
  const gone = fill.path && labels.size > 0 && !labels.has(fill.path)
  return (
    <Fieldset legend={`{{ ${name} }}`} p="sm">
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <Select
          label={t('Field')}
          placeholder={fill.hidden ? t('A field hidden from your role') : t('Choose a field')}
          data={options}
          value={fill.path || null}
          onChange={(path) => onChange({ ...fill, path: path ?? '', hidden: false })}
          searchable
          clearable
          readOnly={readOnly}
          error={error ?? (gone && t('This field is not there any more.'))}
          nothingFoundMessage={t('No field of this name')}
        />
        <TextInput
          label={t('Fallback')}
          placeholder={t('Nothing')}
          maxLength={250}
          value={fill.fallback}
          onChange={(event) => onChange({ ...fill, fallback: event.currentTarget.value })}
          readOnly={readOnly}
        />
      </SimpleGrid>
      {like && labels.has(like) && (
        <Group mt="xs">
          <Button size="compact-xs" variant="light" onClick={() => onChange({ ...fill, path: like })}>
            {t('Use “{{field}}”', { field: labels.get(like) })}
          </Button>
        </Group>
      )}
    </Fieldset>
  )
}
