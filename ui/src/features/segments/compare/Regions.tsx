import { Box, Group, Progress, Table, Text } from '@mantine/core'
import { t } from '@/lib/i18n'
import { formatNumber, formatPercent } from '@/lib/numbers'
import { Section } from '@/ui/Section'
import { type Comparison, filled, type Region, regionWords } from './model'
import { RegionMenu } from './RegionMenu'

type Props = { found: Comparison; names: Map<string, string> }

/** Each customer in exactly one line: which of the segments hold them, and how many there are. */
export function Regions({ found, names }: Props) {
  const { segments, anywhere, everywhere } = found
  const lines = filled(found.regions)
  return (
    <Section title={t('Who is in which')}>
      <Table.ScrollContainer minWidth={segments.length * 64 + 190}>
        <Table aria-label={t('Who is in which')}>
          <Table.Thead>
            <Table.Tr>
              {segments.map(({ id, name }) => (
                <Table.Th key={id} ta="center" maw={140}>
                  <Text size="sm" fw={600} lineClamp={2} title={name}>{name}</Text>
                </Table.Th>
              ))}
              <Table.Th>{t('Customers')}</Table.Th>
              <Table.Th w={48} aria-label={t('Actions')} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {lines.map((region) => (
              <Table.Tr key={region.inside.join()}>
                {segments.map(({ id, name }) => (
                  <Table.Td key={id} ta="center">
                    <Dot on={region.inside.includes(id)} name={name} />
                  </Table.Td>
                ))}
                <Count region={region} of={anywhere.count} names={names} />
              </Table.Tr>
            ))}
            <Total label={t('In all of them')} region={everywhere} found={found} names={names} />
            <Total label={t('In at least one of them')} region={anywhere} found={found} names={names} />
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  )
}

const Dot = ({ on, name }: { on: boolean; name: string }) => (
  <Box
    role="img"
    aria-label={on ? t('in {{name}}', { name }) : t('not in {{name}}', { name })}
    display="inline-block"
    w={14}
    h={14}
    style={{
      borderRadius: '50%',
      border: `2px solid var(${on ? '--mantine-primary-color-filled' : '--mantine-color-dimmed'})`,
      background: on ? 'var(--mantine-primary-color-filled)' : undefined,
    }}
  />
)

const Count = ({ region, of, names }: { region: Region; of: number; names: Map<string, string> }) => (
  <>
    <Table.Td miw={110}>
      <Group gap="xs" justify="space-between" wrap="nowrap">
        <Text size="sm" fw={600}>{formatNumber(region.count)}</Text>
        <Text size="xs" c="dimmed">{formatPercent(region.count, of)}</Text>
      </Group>
      <Progress value={of ? (region.count / of) * 100 : 0} size="sm" aria-hidden />
    </Table.Td>
    <Table.Td>
      <RegionMenu region={region} words={regionWords(region, names)} />
    </Table.Td>
  </>
)

const Total = ({ label, region, found, names }: Props & { label: string; region: Region }) => (
  <Table.Tr>
    <Table.Td colSpan={found.segments.length}>{label}</Table.Td>
    <Count region={region} of={found.anywhere.count} names={names} />
  </Table.Tr>
)
