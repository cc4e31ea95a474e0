import { Button, Grid, Group, Paper, Skeleton, Stack, Text, UnstyledButton } from '@mantine/core'
import { IconMailbox, IconRefresh } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { usePages } from '@/lib/query'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { SearchInput } from '@/ui/SearchInput'
import { RelativeTime } from '@/ui/Time'
import classes from './inbox/Inbox.module.css'
import { MailView } from './inbox/MailView'
import { INBOX, type Mail } from './queries'

/** The demo's inbox: every mail that was sent, none of which has left this machine. */
export function InboxPage() {
  const { search, mail } = useSearch({ from: '/inbox' })
  const navigate = useNavigate({ from: '/inbox' })
  const list = usePages<Mail>(INBOX, { search })
  const open = mail ?? list.rows?.[0]?.id
  const show = (id: number) => void navigate({ search: (old) => ({ ...old, mail: id }), replace: true })
  return (
    <>
      <PageHeader
        title={t('Inbox')}
        sub={t('Mails of this demo are kept here; none leaves this machine.')}
        actions={
          <Button variant="default" leftSection={<IconRefresh size={16} stroke={1.6} />} loading={list.fetching} onClick={list.onRetry}>
            {t('Refresh')}
          </Button>
        }
      />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 5, lg: 4 }}>
          <Stack gap="xs">
            <SearchInput
              label={t('Search recipient or subject')}
              value={search}
              onChange={(next) => void navigate({ search: { search: next }, replace: true })}
            />
            <List list={list} open={open} onOpen={show} searched={!!search} />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 7, lg: 8 }}>{open !== undefined && <MailView id={open} />}</Grid.Col>
      </Grid>
    </>
  )
}

type ListProps = {
  list: ReturnType<typeof usePages<Mail>>
  open: number | undefined
  onOpen: (id: number) => void
  searched: boolean
}

function List({ list, open, onOpen, searched }: ListProps) {
  if (list.error && !list.rows) return <ErrorState error={list.error} onRetry={list.onRetry} />
  if (!list.rows) return <Skeleton height={320} role="status" aria-label={t('Loading')} />
  if (!list.rows.length)
    return searched ? (
      <EmptyState title={t('No mail matches')}>{t('Search for a part of the recipient or the subject.')}</EmptyState>
    ) : (
      <EmptyState title={t('No mail yet')} icon={IconMailbox}>
        {t('Send a test from Content, or launch a campaign: the mails arrive here.')}
      </EmptyState>
    )
  return (
    <Paper className={classes.list} component="nav" aria-label={t('Mails')} tabIndex={0}>
      {list.rows.map((mail) => (
        <UnstyledButton key={mail.id} className={classes.row} aria-current={mail.id === open} onClick={() => onOpen(mail.id)}>
          <Group justify="space-between" wrap="nowrap" gap="xs">
            <Text fw={500} size="sm" truncate>
              {mail.recipient}
            </Text>
            <Text component="span" size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
              <RelativeTime value={mail.at} />
            </Text>
          </Group>
          <Text size="sm" truncate>
            {mail.subject}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {mail.preview}
          </Text>
        </UnstyledButton>
      ))}
      {list.onMore && (
        <Button variant="subtle" fullWidth size="compact-sm" onClick={list.onMore} loading={list.fetching}>
          {t('Load more')}
        </Button>
      )}
    </Paper>
  )
}
