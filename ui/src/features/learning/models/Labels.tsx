import { Badge, Group, Text } from '@mantine/core'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import type { Look } from './model'

/** The labels of a file with their customers; those of too few are left out of training. */
export const Labels = ({ labels }: { labels: Look['labels'] }) => (
  <div>
    <Text size="sm" fw={500} mb={4}>
      {t('Labels')}
    </Text>
    <Group gap={6}>
      {labels.map(({ label, customers, few }) => (
        <Badge key={label} variant="default" tt="none">
          {few
            ? t('{{label}}: {{customers}}, too few to learn', { label, customers: formatNumber(customers) })
            : t('{{label}}: {{customers}}', { label, customers: formatNumber(customers) })}
        </Badge>
      ))}
    </Group>
  </div>
)
