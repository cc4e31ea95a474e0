import { Alert, Box, Skeleton, Text } from '@mantine/core'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { Section } from '@/ui/Section'
import { DateTime } from '@/ui/Time'
import { Waterfall } from '@/ui/Waterfall'
import type { Filters } from './filters'
import { useReach } from './queries'

/** How many of those who match would receive an email now, as the one gate says. */
export function ReachSection({ id, filters }: { id: string; filters: Filters }) {
  const { data, error, isPlaceholderData } = useReach(id, filters)
  return (
    <Section title={t('Expected reach by email')}>
      {error && <Alert color="red">{sentence(error)}</Alert>}
      {!data && !error && <Skeleton h={180} />}
      {data && (
        <Box aria-busy={isPlaceholderData} style={{ opacity: isPlaceholderData ? 0.5 : 1 }}>
          <Waterfall label={t('Expected reach by email')} steps={data.steps} />
          <Text size="xs" c="dimmed" mt="sm">
            {t('As of')} <DateTime value={data.at} />
          </Text>
        </Box>
      )}
    </Section>
  )
}
