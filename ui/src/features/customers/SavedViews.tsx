import { ActionIcon, Button, Checkbox, Group, Popover, Stack, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { isNarrowed, readSearch, type Search, type View } from './model'
import { useViews, useWrite } from './queries'

const BUILT_IN: { name: string; query: Search }[] = [
  { name: t('All'), query: {} },
  { name: t('Mine'), query: { owner: ['me'] } },
  { name: t('Reachable by email'), query: { reachable: 'email' } },
]

const same = (one: Search, other: Search) => JSON.stringify(readSearch(one)) === JSON.stringify(readSearch(other))

/** Named sets of filters: ours, one's own, and what others share. */
export function SavedViews({ search }: { search: Search }) {
  const saved = useViews().data ?? []
  const remove = useWrite((view: View) => api.delete(`/api/customers/views/${view.id}`))
  const forget = async (view: View) => {
    const text = t('“{{name}}” goes away for everybody who uses it; the customers stay.', { name: view.name })
    if (await confirm({ title: t('Forget this view?'), text, action: t('Forget'), danger: true })) remove.mutate(view)
  }
  return (
    <Group component="nav" gap={6} mb="sm" aria-label={t('Views')}>
      {BUILT_IN.map(({ name, query }) => (
        <ViewLink key={name} name={name} query={query} search={search} />
      ))}
      {saved.map((view) => (
        <Group key={view.id} gap={0} wrap="nowrap">
          <ViewLink name={view.name} query={readSearch(view.query)} search={search} title={view.mine ? undefined : t('Shared by {{name}}', { name: view.created_by })} />
          {view.mine && (
            <ActionIcon variant="subtle" color="gray" size="sm" aria-label={t('Forget view {{name}}', { name: view.name })} onClick={() => void forget(view)}>
              <IconX size={13} />
            </ActionIcon>
          )}
        </Group>
      ))}
      {isNarrowed(search) && <SaveView search={search} />}
    </Group>
  )
}

type LinkProps = { name: string; query: Search; search: Search; title?: string }

function ViewLink({ name, query, search, title }: LinkProps) {
  const here = same(query, search)
  return (
    <Button
      component={Link}
      to="/customers"
      search={query as never}
      size="compact-sm"
      variant={here ? 'light' : 'subtle'}
      color={here ? undefined : 'gray'}
      aria-current={here ? 'page' : undefined}
      title={title}
    >
      {name}
    </Button>
  )
}

function SaveView({ search }: { search: Search }) {
  const [opened, setOpened] = useState(false)
  const [name, setName] = useState('')
  const [shared, setShared] = useState(false)
  const save = useWrite(() => api.post('/api/customers/views', { name, shared, query: search }))
  const keep = async () => {
    await save.mutateAsync(undefined)
    setOpened(false)
    setName('')
  }
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="md" trapFocus>
      <Popover.Target>
        <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => setOpened(true)}>
          {t('Save view')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs" component="form" onSubmit={(event) => { event.preventDefault(); void keep() }}>
          <TextInput label={t('Name of the view')} value={name} maxLength={60} required onChange={(event) => setName(event.currentTarget.value)} />
          <Checkbox label={t('Everybody may use it')} checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} />
          <Button type="submit" loading={save.isPending}>{t('Save view')}</Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
