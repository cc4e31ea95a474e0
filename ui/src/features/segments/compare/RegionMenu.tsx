import { ActionIcon, Button, Group, Menu, Modal, Stack, Text, TextInput } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { useCan } from '@/lib/session'
import { ExportJob } from '@/ui/ExportJob'
import type { Rule } from '../model'
import { useMenu, useSave } from '../queries'
import { type Region, regionRule } from './model'
import { useMemberExport } from './queries'

/** What can be done with the customers of a region: a segment of their own, or a file. */
export function RegionMenu({ region, words }: { region: Region; words: string }) {
  const limits = useMenu().data?.limits
  const rule = limits ? regionRule(region, limits) : null
  const [isNaming, name] = useState(false)
  const start = useMemberExport()
  const [job, setJob] = useState<string | null>(null)
  const mayAdd = useCan('customers_segment_add')
  const mayExport = useCan('customers_export')
  const send = (format: 'csv' | 'xlsx') => start.mutate({ ...region, format }, { onSuccess: (made) => setJob(made.job) })
  if (!mayAdd && !mayExport) return null
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" loading={start.isPending} aria-label={t('Actions for {{name}}', { name: words })}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {mayAdd && (
            <Menu.Item disabled={!rule} onClick={() => name(true)}>
              {t('Save as segment')}
            </Menu.Item>
          )}
          {mayExport && (
            <>
              <Menu.Item disabled={region.count === 0} onClick={() => send('csv')}>{t('Export as CSV')}</Menu.Item>
              <Menu.Item disabled={region.count === 0} onClick={() => send('xlsx')}>{t('Export as Excel')}</Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {isNaming && rule && <Naming rule={rule} words={words} onClose={() => name(false)} />}
      <ExportJob job={job} onClose={() => setJob(null)} />
    </>
  )
}

function Naming({ rule, words, onClose }: { rule: Rule; words: string; onClose: () => void }) {
  const [name, setName] = useState(words.slice(0, 60))
  const save = useSave()
  const navigate = useNavigate()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const made = await save.mutateAsync({ name, description: '', rule }).catch(() => null)
    if (made) await navigate({ to: '/segments/$id', params: { id: made.id } })
  }
  return (
    <Modal opened onClose={onClose} title={t('Save as segment')}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="sm">
          <Text size="sm">{t('Its members follow these segments from now on: {{words}}.', { words })}</Text>
          <TextInput
            label={t('Segment name')}
            required
            maxLength={60}
            value={name}
            error={save.error && sentence(save.error)}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>{t('Cancel')}</Button>
            <Button type="submit" loading={save.isPending}>{t('Save segment')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
