import { Button, Card, Group, Modal, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { ErrorState } from '@/ui/ErrorState'
import { MailThumbnail } from './MailFrame'
import { type Starter, useCreate, useStarters } from './queries'

/** The templates to begin with, by group; choosing one asks for a name and opens the editor. */
export function StarterGallery({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { data, error, refetch } = useStarters()
  const [chosen, setChosen] = useState<Starter | null>(null)
  const groups = [...new Set(data?.map((starter) => starter.group))]
  return (
    <Modal opened={opened} onClose={onClose} title={t('Start from')} size={980} closeButtonProps={{ 'aria-label': t('Close') }}>
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      <Stack gap="lg">
        {groups.map((group) => (
          <Stack key={group} gap="xs" component="section" aria-label={group}>
            <Title order={3} fz="sm" c="dimmed">
              {group}
            </Title>
            <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="md">
              {data?.filter((starter) => starter.group === group).map((starter) => (
                <Card key={starter.key} withBorder padding="sm">
                  <MailThumbnail html={starter.html} />
                  <Text fw={600} mt="xs">
                    {starter.name}
                  </Text>
                  <Text size="sm" c="dimmed" flex={1}>
                    {starter.description}
                  </Text>
                  <Button variant="default" size="xs" mt="xs" onClick={() => setChosen(starter)} aria-label={t('Use this: {{name}}', { name: starter.name })}>
                    {t('Use this')}
                  </Button>
                </Card>
              ))}
            </SimpleGrid>
          </Stack>
        ))}
      </Stack>
      {chosen && <NameIt starter={chosen} onClose={() => setChosen(null)} />}
    </Modal>
  )
}

function NameIt({ starter, onClose }: { starter: Starter; onClose: () => void }) {
  const [name, setName] = useState(starter.key === 'blank' ? '' : starter.name)
  const create = useCreate()
  const navigate = useNavigate()
  const submit = () =>
    create.mutate(
      { name, starter: starter.key },
      { onSuccess: ({ id }) => void navigate({ to: '/content/$id', params: { id } }) },
    )
  return (
    <Modal opened onClose={onClose} title={t('Name of the template')} closeButtonProps={{ 'aria-label': t('Close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <TextInput label={t('Name')} description={t('Only your team sees it')} value={name} maxLength={80} required data-autofocus onChange={(event) => setName(event.currentTarget.value)} />
        <Group justify="flex-end" mt="md" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('Cancel')}
          </Button>
          <Button type="submit" loading={create.isPending}>
            {t('Create template')}
          </Button>
        </Group>
      </form>
    </Modal>
  )
}
