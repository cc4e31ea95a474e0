import { Button, Group, Popover, TextInput } from '@mantine/core'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { type Template, useRename } from './queries'

/** Another name for the template; its versions stay. */
export function RenameTemplate({ template }: { template: Template }) {
  const [opened, setOpened] = useState(false)
  const [name, setName] = useState(template.name)
  const rename = useRename(template.id)
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={320} trapFocus>
      <Popover.Target>
        <Button variant="subtle" onClick={() => setOpened(!opened)}>
          {t('Rename')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            rename.mutate(name, { onSuccess: () => setOpened(false) })
          }}
        >
          <TextInput label={t('Name')} value={name} maxLength={80} required onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
          <Group justify="flex-end" mt="xs">
            <Button type="submit" size="xs" loading={rename.isPending}>
              {t('Rename')}
            </Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
