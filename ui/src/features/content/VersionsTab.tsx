import { Badge, Button, Group, Paper, Skeleton, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { ErrorState } from '@/ui/ErrorState'
import { RelativeTime } from '@/ui/Time'
import { type Template, useRestore, useVersions, type VersionRow } from './queries'

/** Every version that was saved; restoring one makes it the newest. */
export function VersionsTab({ template, dirty }: { template: Template; dirty: boolean }) {
  const { data, error, refetch } = useVersions(template.id)
  const restore = useRestore(template.id)
  const ask = async (row: VersionRow) => {
    const isSure = await confirm({
      title: t('Restore version {{number}}?', { number: row.number }),
      text: dirty ? t('It is saved as a new version. What you have not saved stays as your draft.') : t('It is saved as a new version; nothing is lost.'),
      action: t('Restore'),
    })
    if (isSure) restore.mutate(row.number, { onSuccess: (made) => notifications.show({ message: t('Saved as version {{number}}', { number: made.number }) }) })
  }
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton h={200} />
  return (
    <Stack gap="xs" component="ol" m={0} p={0} maw={760} style={{ listStyle: 'none' }} aria-label={t('Versions')}>
      {data.map((row) => {
        const isCurrent = row.id === template.current?.id
        return (
          <Paper key={row.id} component="li" withBorder px="md" py="sm">
            <Group justify="space-between" gap="sm" wrap="nowrap">
              <div style={{ minWidth: 0 }}>
                <Group gap="xs">
                  <Text fw={600}>{t('Version {{number}}', { number: row.number })}</Text>
                  {isCurrent && <Badge variant="light">{t('Current')}</Badge>}
                  {row.restored_from && <Badge variant="default">{t('from version {{number}}', { number: row.restored_from })}</Badge>}
                </Group>
                <Text size="sm" truncate>
                  {row.subject}
                </Text>
                <Text size="xs" c="dimmed">
                  {row.created_by?.name ?? t('CEAP')} · <RelativeTime value={row.created_at} />
                </Text>
              </div>
              {!isCurrent && template.may_manage && (
                <Button variant="default" size="xs" onClick={() => void ask(row)} loading={restore.isPending && restore.variables === row.number}>
                  {t('Restore')}
                </Button>
              )}
            </Group>
          </Paper>
        )
      })}
    </Stack>
  )
}
