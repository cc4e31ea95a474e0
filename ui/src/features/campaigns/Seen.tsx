import { Alert, Box, Loader, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { useSession } from '@/lib/session'
import { EmptyState } from '@/ui/EmptyState'
import type { Form } from './model'
import { useAudience, useSeen } from './queries'

/** The email as the first of its recipients would get it. */
export function Seen({ form }: { form: Form }) {
  const { organisation } = useSession()
  const somebody = useAudience(form.segment_id, form.exclusions).data?.sample[0]
  const [mapping] = useDebouncedValue(form.mapping, 350)
  const { data, error } = useSeen(form.content_version_id, somebody?.id ?? null, mapping)
  if (!form.content_version_id) return <EmptyState title={t('No email chosen')}>{t('Choose one to see it as one of the recipients.')}</EmptyState>
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
