import { Badge, Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '@/lib/client'
import { t } from '@/lib/i18n'
import type { components } from '@/lib/schema.gen'
import { useCan } from '@/lib/session'

/** The segments that hold a customer, each leading there; nothing when there is none. */
export function CustomerSegments({ customer }: { customer: number }) {
  const mayView = useCan('customers_segment_view')
  const { data } = useQuery({
    queryKey: ['segments', 'with', customer],
    queryFn: ({ signal }) =>
      api.get<components['schemas']['SegmentsWithOut']>(`/api/segments/with/${customer}`, {}, { signal }),
    enabled: mayView,
  })
  if (!data?.total) return null
  return (
    <Group component="nav" gap="xs" mb="md" aria-label={t('In segments')}>
      {data.items.map(({ id, name }) => (
        <Badge
          key={id}
          component={Link}
          to={`/segments/${id}`}
          variant="light"
          tt="none"
          maw={260}
          style={{ cursor: 'pointer' }}
        >
          {name}
        </Badge>
      ))}
    </Group>
  )
}
