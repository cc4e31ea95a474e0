import { ActionIcon, Badge, Button, Group, Menu, Switch, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconDots, IconMail } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { usePages } from '@/lib/query'
import { useCan } from '@/lib/session'
import { confirm } from '@/ui/confirm'
import { type Column, DataGrid } from '@/ui/DataGrid'
import { DisabledTip } from '@/ui/DisabledTip'
import { EmptyState } from '@/ui/EmptyState'
import { PageHeader } from '@/ui/PageHeader'
import { SearchInput } from '@/ui/SearchInput'
import { RelativeTime } from '@/ui/Time'
import { TEMPLATES, type TemplateRow, useArchive, useDuplicate } from './queries'
import { StarterGallery } from './StarterGallery'

/** Every email template. */
export function ContentPage() {
  const search = useSearch({ from: '/content' })
  const navigate = useNavigate({ from: '/content' })
  const mayCreate = useCan('content_manage')
  const [gallery, { open, close }] = useDisclosure()
  const pages = usePages<TemplateRow>(TEMPLATES, search)
  const create = (
    <DisabledTip reason={!mayCreate && t('Your role does not allow creating content')}>
      <Button onClick={open}>{t('New template')}</Button>
    </DisabledTip>
  )
  const columns: Column<TemplateRow>[] = [
    {
      accessor: 'name',
      title: t('Name'),
      fixed: true,
      render: (row) => (
        <Group gap="xs" wrap="nowrap">
          <Text fw={500}>{row.name}</Text>
          {row.purpose !== 'marketing' && <Badge variant="default">{t('Service')}</Badge>}
        </Group>
      ),
    },
    { accessor: 'subject', title: t('Subject'), ellipsis: true, width: 320 },
    { accessor: 'number', title: t('Version'), textAlign: 'right' },
    { accessor: 'created_by.name', title: t('Created by') },
    { accessor: 'updated_at', title: t('Changed'), noWrap: true, render: (row) => <RelativeTime value={row.updated_at} /> },
    { accessor: 'actions', title: t('Actions'), fixed: true, width: 88, render: (row) => <Actions row={row} /> },
  ]
  const isNarrowed = !!search.search || !!search.archived
  return (
    <>
      <PageHeader title={t('Content')} sub={t('Email templates: each is saved in versions, so what was sent stays as it was.')} actions={create} />
      <DataGrid
        id="content"
        label={t('Templates')}
        columns={columns}
        {...pages}
        onRow={(row) => void navigate({ to: '/content/$id', params: { id: row.id } })}
        toolbar={
          <>
            <SearchInput label={t('Search templates')} value={search.search} onChange={(value) => void navigate({ search: { ...search, search: value }, replace: true })} />
            <Switch
              label={t('Archived')}
              checked={!!search.archived}
              onChange={(event) => void navigate({ search: { ...search, archived: event.currentTarget.checked || undefined }, replace: true })}
            />
          </>
        }
        empty={
          isNarrowed ? (
            <EmptyState title={t('No template matches')}>{t('Try another name, or look among the others.')}</EmptyState>
          ) : (
            <EmptyState title={t('No templates yet')} icon={IconMail} action={create}>
              {t('A template is a message with gaps for what is personal. Start from one of ours or from nothing.')}
            </EmptyState>
          )
        }
      />
      <StarterGallery opened={gallery} onClose={close} />
    </>
  )
}

function Actions({ row }: { row: TemplateRow }) {
  const archive = useArchive()
  const duplicate = useDuplicate()
  const navigate = useNavigate()
  const mayCreate = useCan('content_manage')
  const askToArchive = async () => {
    const isSure =
      row.archived ||
      (await confirm({ title: t('Archive “{{name}}”?', { name: row.name }), text: t('It leaves the lists. What is planned with it is still sent, and it can be brought back.'), action: t('Archive') }))
    if (isSure) archive.mutate(row)
  }
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('Actions for {{name}}', { name: row.name })} onClick={(event) => event.stopPropagation()}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown onClick={(event) => event.stopPropagation()}>
        <Menu.Item onClick={() => void navigate({ to: '/content/$id', params: { id: row.id } })}>{t('Open')}</Menu.Item>
        {mayCreate && (
          <>
            <Menu.Item onClick={() => duplicate.mutate(row.id, { onSuccess: ({ id }) => void navigate({ to: '/content/$id', params: { id } }) })}>
              {t('Duplicate')}
            </Menu.Item>
            <Menu.Item onClick={() => void askToArchive()}>{row.archived ? t('Unarchive') : t('Archive')}</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
