import { Button, Stack, TextInput } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { DisabledTip } from '@/ui/DisabledTip'
import { PageHeader } from '@/ui/PageHeader'
import { Section } from '@/ui/Section'
import { useCreate, useSegments } from './queries'

/** Gives a new campaign its name; comes with the segment it was started from. */
export function NewPage() {
  const { segment } = useSearch({ from: '/campaigns/new' })
  const navigate = useNavigate()
  const create = useCreate()
  const from = useSegments().data?.find(({ id }) => id === segment)
  const [typed, setTyped] = useState<string>()
  const name = typed ?? (from ? t('Campaign to {{name}}', { name: from.name }) : '')
  const submit = async (event: React.FormEvent) => {
    event.preventDefault()
    if (!name.trim()) return
    const { id } = await create.mutateAsync({ name: name.trim(), segment_id: segment })
    await navigate({ to: '/campaigns/$id', params: { id }, search: { step: 'audience' }, replace: true })
  }
  return (
    <>
      <PageHeader title={t('New campaign')} breadcrumbs={[{ label: t('Campaigns'), to: '/campaigns' }]} />
      <Section>
        <Stack component="form" maw={520} onSubmit={(event) => void submit(event)}>
          <TextInput
            label={t('Campaign name')}
            description={from && t('It begins with the segment “{{name}}”.', { name: from.name })}
            value={name}
            maxLength={80}
            required
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-autofocus
          />
          <DisabledTip reason={!name.trim() && t('Give the campaign a name.')}>
            <Button type="submit" loading={create.isPending} style={{ alignSelf: 'flex-start' }}>
              {t('Create draft')}
            </Button>
          </DisabledTip>
        </Stack>
      </Section>
    </>
  )
}
