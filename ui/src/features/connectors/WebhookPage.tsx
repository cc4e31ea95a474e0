import { Alert, Button, Group, Modal, Stack, Switch, Text } from '@mantine/core'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { SecretReveal } from '@/ui/SecretReveal'
import { StatusBadge } from '@/ui/StatusBadge'
import { DateTime } from '@/ui/Time'
import { Calls } from './webhooks/Calls'
import { stateOf } from './webhooks/model'
import { useEdit, useRemove, useRotate, useTest, useWebhook } from './webhooks/queries'
import { WebhookForm } from './webhooks/WebhookForm'

/** One webhook: its state, its secret, what it was told. */
export function WebhookPage() {
  const { id } = useParams({ strict: false }) as { id: string }
  const navigate = useNavigate()
  const [editing, setEditing] = useState(false)
  const { data: webhook, error, refetch, dataUpdatedAt } = useWebhook(id)
  const [edit, rotate, test, remove] = [useEdit(id), useRotate(id), useTest(id), useRemove(id)]
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (!webhook) return null
  const { status, label, why } = stateOf(webhook, dataUpdatedAt)
  const askToRotate = async () => {
    const title = t('Make a new secret?')
    const text = t('For a day what is sent is signed with both, so that your server can change over.')
    if (await confirm({ title, text, action: t('Make a new secret') })) rotate.mutate(undefined)
  }
  const askToDelete = async () => {
    const title = t('Delete this webhook?')
    const text = t('It is told nothing more, and what it was told is forgotten. This cannot be undone.')
    if (await confirm({ title, text, action: t('Delete'), danger: true }))
      remove.mutate(undefined, { onSuccess: () => void navigate({ to: '/settings/webhooks' }) })
  }
  const { url, description, events, segments, identities } = webhook
  return (
    <Stack>
      <PageHeader
        title={t('Webhook')}
        sub={url}
        actions={
          <Group gap="xs">
            <Button onClick={() => test.mutate(undefined)} loading={test.isPending}>
              {t('Send test')}
            </Button>
            <Button variant="default" onClick={() => setEditing(true)}>
              {t('Edit')}
            </Button>
            <Button variant="default" onClick={() => void askToRotate()}>
              {t('New secret')}
            </Button>
            <Button variant="default" c="var(--mantine-color-error)" onClick={() => void askToDelete()}>
              {t('Delete')}
            </Button>
          </Group>
        }
      />
      <Group gap="lg">
        <StatusBadge status={status} label={t(label)} />
        <Switch
          label={t('Told of what happens')}
          checked={webhook.state === 'on'}
          onChange={({ currentTarget }) =>
            edit.mutate({ url, description, events, segments, identities, on: currentTarget.checked })
          }
        />
        {description && <Text size="sm">{description}</Text>}
      </Group>
      {why && <Alert color="yellow">{t(why)}</Alert>}
      {webhook.former_until && Date.parse(webhook.former_until) > dataUpdatedAt && (
        <Text size="sm" c="dimmed">
          {t('The former secret signs too until')} <DateTime value={webhook.former_until} />
        </Text>
      )}
      <Calls webhook={id} />
      {editing && <WebhookForm webhook={webhook} onClose={() => setEditing(false)} />}
      {rotate.data && (
        <Modal opened onClose={rotate.reset} title={t('The new secret')} closeOnClickOutside={false}>
          <Stack>
            <SecretReveal label={t('Secret that signs what is sent')} value={rotate.data.secret} />
            <Group justify="flex-end">
              <Button onClick={rotate.reset}>{t('Done')}</Button>
            </Group>
          </Stack>
        </Modal>
      )}
    </Stack>
  )
}
