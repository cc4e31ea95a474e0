import { Alert, Anchor, Button, Group, Select, SimpleGrid, Stack } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { EmptyState } from '@/ui/EmptyState'
import { Section } from '@/ui/Section'
import { useEmails, useSenders } from './queries'
import { Seen } from './Seen'
import { Variables } from './Variables'

/** What they get: an email in the version it has now, and who it is from. */import type { StepProps } from './model'

export function MessageStep({ campaign, form, change, errors, readOnly }: StepProps) {
  const { data: emails = [] } = useEmails()
  const { data: senders } = useSenders()
  const chosen = emails.find(({ current_id }) => current_id === form.content_version_id)
  if (campaign.channel === 'whatsapp')
    return (
      <EmptyState title={t('A WhatsApp campaign can be drafted, not sent yet')}>
        {t(
          'This installation is not connected to WhatsApp: there is no sender and no message template to choose or to map variables of. Audience, schedule and budget are kept with this draft until there is.',
        )}
      </EmptyState>
    )
  const pinned = !chosen && campaign.content?.version_id === form.content_version_id ? campaign.content : null
  const newer = pinned && emails.find(({ id }) => id === pinned.template_id)
  const options = emails
    .filter(({ current_id }) => current_id)
    .map(({ current_id, name, number }) => ({ value: current_id!, label: `${name} · ${t('version {{number}}', { number })}` }))
  if (pinned) options.unshift({ value: pinned.version_id, label: `${pinned.name} · ${t('version {{number}}', { number: pinned.number })}` })
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Stack>
        <Section title={t('Email')}>
          <Stack>
            <Select
              label={t('Email template')}
              description={t('Marketing emails only: a service email has no link to unsubscribe.')}
              placeholder={t('Choose an email')}
              data={options}
              value={form.content_version_id}
              onChange={(content_version_id) => change({ content_version_id })}
              error={errors.content_version_id}
              searchable
              readOnly={readOnly}
              nothingFoundMessage={t('No email of this name')}
            />
            {newer?.current_id && (
              <Alert color="blue">
                <Group justify="space-between" gap="xs">
                  {t('Version {{number}} is newer than the one chosen.', { number: newer.number })}
                  <Button size="xs" variant="default" onClick={() => change({ content_version_id: newer.current_id })}>
                    {t('Use version {{number}}', { number: newer.number })}
                  </Button>
                </Group>
              </Alert>
            )}
            <Group gap="md">
              {(chosen ?? newer) && (
                <Anchor component={Link} to={`/content/${(chosen ?? newer)!.id}`} size="sm">
                  {t('Edit this email')}
                </Anchor>
              )}
              <Anchor component={Link} to="/content" size="sm">
                {t('Create an email')}
              </Anchor>
            </Group>
            <Select
              label={t('Sender')}
              description={senders?.length === 0 ? t('There is no sender yet; an administrator adds one under Settings → Senders.') : undefined}
              placeholder={senders?.[0] ? t('{{name}} <{{address}}>, default', senders[0]) : t('None')}
              data={(senders ?? []).map(({ id, name, address }) => ({ value: id, label: `${name} <${address}>` }))}
              value={form.sender_id}
              onChange={(sender_id) => change({ sender_id })}
              error={errors.sender_id}
              clearable
              readOnly={readOnly}
            />
          </Stack>
        </Section>
        <Variables form={form} change={change} errors={errors} readOnly={readOnly} />
      </Stack>
      <Section title={t('As a recipient sees it')}>
        <Seen form={form} />
      </Section>
    </SimpleGrid>
  )
}
