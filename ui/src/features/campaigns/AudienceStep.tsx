import { Alert, Anchor, Box, Group, List, Loader, MultiSelect, Select, SimpleGrid, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { EmptyState } from '@/ui/EmptyState'
import { Section } from '@/ui/Section'
import { StatusBadge } from '@/ui/StatusBadge'
import { RelativeTime } from '@/ui/Time'
import { Waterfall } from '@/ui/Waterfall'
import { type SegmentChoice, useAudience, useSegments } from './queries'

const described = ({ name, size, status }: SegmentChoice) =>
  `${name} · ${size == null ? t('being counted') : t('{{count, number}} customers', { count: size })}${status === 'ready' ? '' : ` · ${status}`}`

/** Who it is for: a segment, less others, and what the gate leaves of it. */import type { StepProps } from './model'

export function AudienceStep({ campaign, form, change, errors, readOnly }: StepProps) {
  const { data: segments = [] } = useSegments()
  const chosen = segments.find(({ id }) => id === form.segment_id)
  const options = segments.map((one) => ({ value: one.id, label: described(one) }))
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Section title={t('Who is meant')}>
        <Stack>
          <Select
            label={t('Segment')}
            placeholder={t('Choose a segment')}
            data={options}
            value={form.segment_id}
            onChange={(segment_id) => change({ segment_id })}
            error={errors.segment_id}
            searchable
            readOnly={readOnly}
            nothingFoundMessage={t('No segment of this name')}
          />
          {chosen && (
            <Group gap="xs">
              <StatusBadge status={chosen.status} />
              <Text size="sm" c="dimmed">
                {t('data as of')} <RelativeTime value={chosen.as_of} />
              </Text>
              <Anchor component={Link} to={`/segments/${chosen.id}`} size="sm">
                {t('Look at the segment')}
              </Anchor>
            </Group>
          )}
          <MultiSelect
            label={t('Leave out')}
            description={t('Members of these segments do not get it.')}
            placeholder={form.exclusions.length ? undefined : t('Nobody')}
            data={options.filter(({ value }) => value !== form.segment_id)}
            value={form.exclusions}
            onChange={(exclusions) => change({ exclusions })}
            error={errors.exclusions}
            searchable
            readOnly={readOnly}
          />
          <Text size="sm" c="dimmed">
            {t('The campaign goes to the whole segment, also to customers you do not see yourself.')}
          </Text>
          <Anchor component={Link} to="/segments/new" size="sm">
            {t('Create a segment')}
          </Anchor>
        </Stack>
      </Section>
      <Section title={t('Who will receive it')}>
        <Reach segment={form.segment_id} exclusions={form.exclusions} channel={campaign.channel} />
      </Section>
    </SimpleGrid>
  )
}

function Reach({ segment, exclusions, channel }: { segment: string | null; exclusions: string[]; channel: string }) {
  const { data, error, failureReason, isFetching, isPlaceholderData } = useAudience(segment, exclusions, channel)
  if (!segment)
    return <EmptyState title={t('No segment chosen')}>{t('Choose one to see how many would receive it, and why others would not.')}</EmptyState>
  const problem = error ?? failureReason
  if (problem && !isPlaceholderData && !data)
    return (
      <Alert color="yellow" role="status">
        {sentence(problem)}
      </Alert>
    )
  if (!data) return <Loader aria-label={t('Counting')} />
  return (
    <Stack gap="sm" aria-busy={isFetching} style={{ opacity: isPlaceholderData ? 0.55 : 1 }}>
      <Text role="status">
        <Text span fw={600} fz="xl">
          {formatNumber(data.will_receive)}
        </Text>{' '}
        {t('of {{count, number}} matched will receive it', { count: data.steps[0]?.count ?? 0 })}
      </Text>
      <Waterfall label={t('From matched to received')} steps={data.steps} />
      {data.sample.length > 0 && (
        <Box>
          <Text size="sm" c="dimmed">
            {t('For example')}
          </Text>
          <List size="sm">
            {data.sample.map(({ id, name }) => (
              <List.Item key={id}>
                <Anchor component={Link} to={`/customers/${id}`} size="sm">
                  {name}
                </Anchor>
              </List.Item>
            ))}
          </List>
        </Box>
      )}
    </Stack>
  )
}
