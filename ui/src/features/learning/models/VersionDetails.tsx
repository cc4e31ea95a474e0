import { SimpleGrid, Stack, Table, Text, Title } from '@mantine/core'
import { t } from '@/lib/i18n'
import { formatNumber, formatPercent } from '@/lib/numbers'
import { Facts } from '@/ui/Section'
import { Findings } from './Findings'
import { type Finding, type Found, metricTable, type Version } from './model'
import { Wide } from './Wide'

const metric = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(3))

/** Metrics neural beside simple, its segments, what was found in the data, and what it was made of. */
export function VersionDetails({ version }: { version: Version }) {
  const { models, rows } = metricTable(version.metrics)
  const segments = version.segments as Found[]
  const findings = (version.data.findings ?? []) as Finding[]
  return (
    <Stack>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        <div>
          <Title order={3} size="h4" mb={4}>
            {t('Metrics')}
          </Title>
          <Wide label={t('Metrics of version {{number}}', { number: version.version })}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">{t('Metric')}</Table.Th>
                {models.map((model) => (
                  <Table.Th key={model} scope="col" ta="right">
                    {model}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map(({ name, values }) => (
                <Table.Tr key={name}>
                  <Table.Th scope="row" fw={400}>
                    {name}
                  </Table.Th>
                  {values.map((value, at) => (
                    <Table.Td key={models[at]} ta="right">
                      {metric(value)}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Wide>
        </div>
        <div>
          <Title order={3} size="h4" mb={4}>
            {t('Segments')}
          </Title>
          <Wide label={t('Segments of version {{number}}', { number: version.version })}>
            <Table.Tbody>
              {segments.map(({ key, name, customers, share, traits }) => (
                <Table.Tr key={key}>
                  <Table.Th scope="row" fw={500}>
                    {name}
                    <Text size="xs" c="dimmed">
                      {traits[0]?.words ?? t('Much as all customers')}
                    </Text>
                  </Table.Th>
                  <Table.Td ta="right">{formatNumber(customers)}</Table.Td>
                  <Table.Td ta="right">{formatPercent(share)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Wide>
        </div>
      </SimpleGrid>
      {findings.length > 0 && (
        <div>
          <Title order={3} size="h4" mb={4}>
            {t('What was found in the data')}
          </Title>
          <Findings findings={findings} />
        </div>
      )}
      <Facts
        cols={3}
        items={[
          [t('Seed'), String(version.seed)],
          [t('Checksum'), version.sha256.slice(0, 16)],
          [t('Features'), version.features.join(', ')],
        ]}
      />
    </Stack>
  )
}
