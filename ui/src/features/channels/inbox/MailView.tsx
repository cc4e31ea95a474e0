import { Anchor, Badge, Button, Code, Collapse, Group, Paper, Skeleton, Stack, Tabs, Text, Title } from '@mantine/core'
import { IconExternalLink } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { ErrorState } from '@/ui/ErrorState'
import { DateTime } from '@/ui/Time'
import { INBOX, type MailDetail, mailQuery } from '../queries'
import classes from './Inbox.module.css'

/** One mail: as people see it, its plain text, its headers. */
export function MailView({ id }: { id: number }) {
  const mail = useQuery(mailQuery(id))
  if (mail.error) return <ErrorState error={mail.error} onRetry={() => void mail.refetch()} />
  if (!mail.data) return <Skeleton height={420} role="status" aria-label={t('Loading')} />
  return <Shown key={id} mail={mail.data} />
}

function Shown({ mail }: { mail: MailDetail }) {
  const [headers, showHeaders] = useState(false)
  return (
    <Paper component="article" p="md" aria-label={mail.subject}>
      <Stack gap="xs">
        <Title order={2} size="h3" style={{ overflowWrap: 'anywhere' }}>
          {mail.subject || t('(no subject)')}
        </Title>
        <Group gap="md" fz="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          <span>{t('From {{sender}}', { sender: mail.sender })}</span>
          <span>{t('To {{recipient}}', { recipient: mail.recipient })}</span>
          <DateTime value={mail.at} />
        </Group>
        {mail.unsubscribe_url && (
          <Group gap="xs">
            <Anchor href={mail.unsubscribe_url} target="_blank" rel="noreferrer" size="sm">
              <Group gap={4} component="span">
                {t('Unsubscribe')} <IconExternalLink size={14} aria-hidden />
              </Group>
            </Anchor>
            <Badge variant="default">{mail.one_click ? t('One click (RFC 8058)') : t('Link only')}</Badge>
          </Group>
        )}
        <Tabs defaultValue={mail.has_html ? 'html' : 'text'} keepMounted={false}>
          <Tabs.List mb="sm">
            {mail.has_html && <Tabs.Tab value="html">{t('Mail')}</Tabs.Tab>}
            <Tabs.Tab value="text">{t('Plain text')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="html">
            <iframe
              className={classes.frame}
              sandbox="allow-popups allow-popups-to-escape-sandbox"
              src={`${INBOX}/${mail.id}/html`}
              title={t('The mail “{{subject}}”', { subject: mail.subject })}
            />
          </Tabs.Panel>
          <Tabs.Panel value="text">
            <Text component="pre" className={classes.text} tabIndex={0} aria-label={t('Plain text')}>
              {mail.text}
            </Text>
          </Tabs.Panel>
        </Tabs>
        <Group>
          <Button variant="subtle" size="compact-sm" aria-expanded={headers} onClick={() => showHeaders(!headers)}>
            {headers ? t('Hide headers') : t('Show headers')}
          </Button>
        </Group>
        <Collapse expanded={headers}>
          <Code block tabIndex={0} aria-label={t('Headers')} className={classes.headers}>
            {mail.headers.map(({ name, value }) => `${name}: ${value}`).join('\n')}
          </Code>
        </Collapse>
      </Stack>
    </Paper>
  )
}
