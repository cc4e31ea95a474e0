import { Button, Group, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiProblem } from '@/lib/client'
import { t } from '@/lib/i18n'
import { DisabledTip } from '@/ui/DisabledTip'
import { PageHeader } from '@/ui/PageHeader'
import { Section } from '@/ui/Section'
import type { Segment } from '../model'
import { ListUpload } from './ListUpload'
import { HOWS, type How, type IdList, whyNot } from './model'
import { useSaveList } from './queries'

const NAME = 60
const DESCRIPTION = 250

/** /segments/new/list */
export const NewListPage = () => <ListPage />

/** A segment of the customers that an uploaded list names: made, or (with `segment`) renamed and changed by another list. */
export function ListPage({ segment }: { segment?: Segment }) {
  const navigate = useNavigate()
  const [name, setName] = useState(segment?.name ?? '')
  const [description, setDescription] = useState(segment?.description ?? '')
  const [list, setList] = useState<IdList | null>(null)
  const [how, setHow] = useState<How>('add')
  const save = useSaveList(segment)
  const own = save.error instanceof ApiProblem ? save.error.fields : {}
  const isRenamed = segment && (name !== segment.name || description !== segment.description)
  const reason = isRenamed && !list && name.trim() ? null : whyNot(list, name)
  const back = () =>
    void (segment ? navigate({ to: '/segments/$id', params: { id: segment.id } }) : navigate({ to: '/segments' }))
  const submit = async () => {
    const made = await save.mutateAsync({ name, description, list, how }).catch(() => null)
    if (!made) return
    notifications.show({ message: t('“{{name}}” is saved. Its membership is being calculated.', { name: made.name }) })
    await navigate({ to: '/segments/$id', params: { id: made.id } })
  }
  return (
    <>
      <PageHeader
        title={segment ? t('Edit {{name}}', { name: segment.name }) : t('Create segment from a list')}
        breadcrumbs={[{ label: t('Segments'), to: '/segments' }]}
      />
      <Stack>
        <Section title={t('Segment info')}>
          <Stack gap="sm" maw={560}>
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
          </Stack>
        </Section>
        <ListUpload list={list} onList={setList} />
        {segment && (
          <Section title={t('What the list does')}>
            <SegmentedControl
              aria-label={t('What the list does')}
              value={how}
              onChange={(next) => setHow(next as How)}
              data={HOWS}
            />
          </Section>
        )}
        {save.error && (
          <Text c="var(--mantine-color-error)" role="alert">
            {save.error.message}
          </Text>
        )}
        <Group>
          <DisabledTip reason={reason}>
            <Button loading={save.isPending} onClick={() => void submit()}>
              {t('Save segment')}
            </Button>
          </DisabledTip>
          <Button variant="default" onClick={back}>
            {t('Cancel')}
          </Button>
        </Group>
      </Stack>
    </>
  )
}
