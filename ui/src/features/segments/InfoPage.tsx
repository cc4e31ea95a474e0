import { Alert, Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiProblem } from '@/lib/client'
import { t } from '@/lib/i18n'
import { DisabledTip } from '@/ui/DisabledTip'
import { PageHeader } from '@/ui/PageHeader'
import { Section } from '@/ui/Section'
import type { Segment } from './model'
import { useSave } from './queries'

const NAME = 60
const DESCRIPTION = 250

/** Name and description of a discovered segment; the model says who belongs to it. */
export function InfoPage({ segment }: { segment: Segment }) {
  const navigate = useNavigate()
  const [name, setName] = useState(segment.name)
  const [description, setDescription] = useState(segment.description)
  const save = useSave(segment.id)
  const own = save.error instanceof ApiProblem ? save.error.fields : {}
  const back = () => void navigate({ to: '/segments/$id', params: { id: segment.id } })
  const submit = async () => {
    const body = { name, description, rule: {}, rule_version: segment.rule_version }
    if (await save.mutateAsync(body).catch(() => null)) back()
  }
  return (
    <>
      <PageHeader title={t('Edit {{name}}', { name: segment.name })} breadcrumbs={[{ label: t('Segments'), to: '/segments' }]} />
      <Section title={t('Segment info')}>
        <Stack gap="sm" maw={560}>
          <Alert color="gray">
            {t('A model discovered this segment and says who belongs to it: there is no rule to edit. Its name and description are yours.')}
          </Alert>
          <TextInput
            label={t('Segment name')}
            required
            maxLength={NAME}
            description={`${name.length}/${NAME}`}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={name}
            error={own.name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Textarea
            label={t('Description')}
            autosize
            minRows={2}
            maxLength={DESCRIPTION}
            description={`${description.length}/${DESCRIPTION}`}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={description}
            error={own.description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          {save.error && (
            <Text c="var(--mantine-color-error)" role="alert">
              {save.error.message}
            </Text>
          )}
          <Group>
            <DisabledTip reason={!name.trim() && t('Give the segment a name first.')}>
              <Button loading={save.isPending} onClick={() => void submit()}>
                {t('Save segment')}
              </Button>
            </DisabledTip>
            <Button variant="default" onClick={back}>
              {t('Cancel')}
            </Button>
          </Group>
        </Stack>
      </Section>
    </>
  )
}
