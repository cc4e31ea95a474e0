import { Alert, Anchor, Button, FileInput, Group, Loader, Progress, Select, Stack, Table, Text } from '@mantine/core'
import { IconFile } from '@tabler/icons-react'
import { useState } from 'react'
import { api, sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { JobProgress } from '@/ui/JobProgress'
import { Section } from '@/ui/Section'
import { Stat } from '@/ui/Stat'
import { type IdList, kindChoices } from './model'
import { useMatch, useUploadList } from './queries'

type Props = { list: IdList | null; onList: (list: IdList | null) => void }

/** A file of ids, whom it names, and which rows name nobody. */
export function ListUpload({ list, onList }: Props) {
  const [share, setShare] = useState(0)
  const send = useUploadList(setShare)
  return (
    <Section title={t('List')}>
      <Stack gap="sm">
        <FileInput
          label={t('File of ids')}
          description={t('CSV, XLSX, Parquet, or text with one id a line. Nothing is saved yet.')}
          placeholder={t('Choose a file')}
          leftSection={<IconFile size={16} />}
          rightSection={send.isPending ? <Loader size={16} /> : undefined}
          accept=".csv,.tsv,.txt,.xlsx,.parquet"
          styles={{ placeholder: { color: 'var(--mantine-color-dimmed)' } }}
          maw={560}
          onChange={(file) => {
            onList(null)
            if (file) send.mutate(file, { onSuccess: onList })
          }}
        />
        {send.isPending && <Progress value={share} aria-label={t('Upload')} />}
        {send.error && (
          <Alert color="red" title={t('This file was not taken')}>
            {sentence(send.error)}
          </Alert>
        )}
        {list && <Matched list={list} onList={onList} />}
      </Stack>
    </Section>
  )
}

function Matched({ list, onList }: { list: IdList; onList: (list: IdList) => void }) {
  const match = useMatch()
  const again = (change: Partial<IdList>) => match.mutate({ ...list, ...change }, { onSuccess: onList })
  return (
    <Stack gap="sm" role="region" aria-label={t('Whom the list names')} aria-busy={match.isPending}>
      <Group gap="sm" align="flex-end">
        <Select
          label={t('Column with the ids')}
          data={list.columns}
          value={list.column}
          allowDeselect={false}
          disabled={match.isPending}
          onChange={(column) => column && again({ column })}
        />
        <Select
          label={t('They are')}
          data={kindChoices(list)}
          value={list.by}
          allowDeselect={false}
          disabled={match.isPending}
          onChange={(by) => by && again({ by })}
        />
      </Group>
      {match.error && <Alert color="red">{sentence(match.error)}</Alert>}
      {list.job_id && !list.matched && (
        <JobProgress
          key={list.job_id}
          id={list.job_id}
          label={t('Matching the list with the customers')}
          onOver={({ state }) => {
            if (state === 'done') void api.get<IdList>(`/api/segments/lists/${list.id}`).then(onList)
          }}
        >
          {({ state }) =>
            state !== 'done' && (
              <Button size="compact-sm" variant="default" w="fit-content" loading={match.isPending} onClick={() => again({})}>
                {t('Match it again')}
              </Button>
            )
          }
        </JobProgress>
      )}
      {list.matched && <Counts list={list} />}
    </Stack>
  )
}

function Counts({ list }: { list: IdList }) {
  return (
    <>
      <Group gap={40}>
        <Stat label={t('Rows')} value={list.rows} />
        <Stat label={t('Customers found')} value={list.found} />
        <Stat label={t('Duplicates')} value={list.duplicates} hint={t('Rows that name a customer whom an earlier row names')} />
        <Stat label={t('Not found')} value={list.missing} hint={t('Rows that name no customer whom you may see')} />
      </Group>
      {list.missing > 0 && <Missing list={list} />}
    </>
  )
}

const Missing = ({ list }: { list: IdList }) => (
  <>
    <Group justify="space-between">
      <Text fw={600} size="sm">
        {list.missing > list.first_missing.length
          ? t('The first {{count, number}} rows that were not found', { count: list.first_missing.length })
          : t('Rows that were not found')}
      </Text>
      <Anchor href={`/api/segments/lists/${list.id}/missing.csv`} download size="sm">
        {t('Download all as CSV')}
      </Anchor>
    </Group>
    <Table.ScrollContainer minWidth={360}>
      <Table aria-label={t('Rows that were not found')}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('Row')}</Table.Th>
            <Table.Th>{t('Value')}</Table.Th>
            <Table.Th>{t('Reason')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {list.first_missing.map(({ row, value, reason }) => (
            <Table.Tr key={row}>
              <Table.Td>{formatNumber(row)}</Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{value || '–'}</Table.Td>
              <Table.Td>{reason}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  </>
)
