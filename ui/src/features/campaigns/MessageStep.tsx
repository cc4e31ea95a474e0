import { Alert, Anchor, Box, Button, Group, Loader, Select, SimpleGrid, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { useSession } from '@/lib/session'
import { EmptyState } from '@/ui/EmptyState'
import { Section } from '@/ui/Section'
import type { StepProps } from './Editor'
import { useAudience, useEmails, useSeen, useSenders } from './queries'

/** What they get: an email in the version it has now, and who it is from. */
export function MessageStep({ campaign, form, change, errors, readOnly }: StepProps) {
  const { data: emails = [] } = useEmails()
  const { data: senders } = useSenders()
  const chosen = emails.find(({ current_id }) => current_id === form.content_version_id)
  if (campaign.channel === 'whatsapp')
    return (
      <EmptyState title={t('WhatsApp is not connected here')}>
        {t('There is no sender and no template for it, so nothing can be sent yet. The audience is kept with this draft.')}
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
      <Section title={t('Email')}>
        <Stack>
          <Select
            label={t('Email template')}
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
            placeholder={senders?.[0] ? t('{{name}} <{{address}}>, the usual one', senders[0]) : t('None')}
            data={(senders ?? []).map(({ id, name, address }) => ({ value: id, label: `${name} <${address}>` }))}
            value={form.sender_id}
            onChange={(sender_id) => change({ sender_id })}
            error={errors.sender_id}
            clearable
            readOnly={readOnly}
          />
        </Stack>
      </Section>
      <Section title={t('As a recipient sees it')}>
        <Seen version={form.content_version_id} segment={form.segment_id} exclusions={form.exclusions} />
      </Section>
    </SimpleGrid>
  )
}

type SeenProps = { version: string | null; segment: string | null; exclusions: string[] }

function Seen({ version, segment, exclusions }: SeenProps) {
  const { organisation } = useSession()
  const somebody = useAudience(segment, exclusions).data?.sample[0]
  const { data, error } = useSeen(version, somebody?.id ?? null)
  if (!version) return <EmptyState title={t('No email chosen')}>{t('Choose one to see it as one of the recipients.')}</EmptyState>
  if (error) return <Alert color="red">{sentence(error)}</Alert>
  if (!data) return <Loader aria-label={t('Loading the email')} />
  return (
    <Stack gap="xs">
      {data.failure && <Alert color="red">{data.failure}</Alert>}
      <div>
        <Text size="sm" c="dimmed">
          {organisation.name} → {somebody?.name ?? t('a recipient')}
        </Text>
        <Text fw={600}>{data.subject}</Text>
      </div>
      <Box h={420} style={{ border: '1px solid var(--mantine-color-default-border)', borderRadius: 4, overflow: 'hidden' }}>
        <iframe
          sandbox=""
          srcDoc={data.html}
          title={t('The email')}
          style={{ border: 0, width: '100%', height: '100%', background: '#fff', colorScheme: 'light', display: 'block' }}
        />
      </Box>
    </Stack>
  )
}
