import { ActionIcon, Button, Group, Popover, Stack, Text, TextInput, Tooltip } from '@mantine/core'
import { IconBold, IconClearFormatting, IconItalic, IconLink, IconList, IconListNumbers, IconUnderline } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { t } from '@/lib/i18n'
import classes from './Editor.module.css'
import { VariablePicker } from './VariablePicker'

const TOOLS = [
  { command: 'bold', label: t('Bold'), icon: IconBold },
  { command: 'italic', label: t('Italic'), icon: IconItalic },
  { command: 'underline', label: t('Underline'), icon: IconUnderline },
  { command: 'insertUnorderedList', label: t('Bullets'), icon: IconList },
  { command: 'insertOrderedList', label: t('Numbers'), icon: IconListNumbers },
  { command: 'removeFormat', label: t('Plain'), icon: IconClearFormatting },
]

type Props = { label: string; value: string; onChange: (html: string) => void; disabled?: boolean }

/** Text with emphasis, lists, links and variables. The server keeps only what mails can show. */
export function RichText({ label, value, onChange, disabled }: Props) {
  const field = useRef<HTMLDivElement>(null)
  const shown = useRef<string | null>(null)
  const caret = useRef<Range | null>(null)

  useEffect(() => {
    if (field.current && shown.current !== value) {
      field.current.innerHTML = value
      shown.current = value
    }
  }, [value])

  const report = () => {
    const html = field.current?.innerHTML ?? ''
    shown.current = html
    onChange(html)
  }
  const remember = () => {
    const selection = window.getSelection()
    if (selection?.rangeCount && field.current?.contains(selection.anchorNode)) caret.current = selection.getRangeAt(0).cloneRange()
  }
  const run = (command: string, argument?: string) => {
    field.current?.focus()
    if (caret.current) {
      const selection = window.getSelection()
      selection?.removeAllRanges()
      selection?.addRange(caret.current)
    }
    document.execCommand(command, false, argument)
    remember()
    report()
  }
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500}>
        {label}
      </Text>
      <div>
        <Group gap={2} className={classes.tools} role="toolbar" aria-label={t('Formatting')}>
          {TOOLS.map(({ command, label: name, icon: Icon }) => (
            <Tooltip key={command} label={name}>
              <ActionIcon variant="subtle" color="gray" aria-label={name} disabled={disabled} onMouseDown={(event) => event.preventDefault()} onClick={() => run(command)}>
                <Icon size={16} stroke={1.6} />
              </ActionIcon>
            </Tooltip>
          ))}
          <LinkTool onLink={(href) => run(href ? 'createLink' : 'unlink', href)} disabled={disabled} />
          {!disabled && <VariablePicker onPick={(liquid) => run('insertText', liquid)} />}
        </Group>
        <div
          ref={field}
          className={classes.rich}
          contentEditable={!disabled}
          suppressContentEditableWarning
          role="textbox"
          aria-multiline
          aria-label={label}
          tabIndex={0}
          onInput={report}
          onBlur={remember}
          onKeyUp={remember}
          onMouseUp={remember}
          onPaste={(event) => {
            event.preventDefault()
            document.execCommand('insertText', false, event.clipboardData.getData('text/plain'))
          }}
        />
      </div>
    </Stack>
  )
}

function LinkTool({ onLink, disabled }: { onLink: (href: string) => void; disabled?: boolean }) {
  const [opened, setOpened] = useState(false)
  const [href, setHref] = useState('https://')
  const apply = (to: string) => {
    setOpened(false)
    onLink(to)
  }
  return (
    <Popover opened={opened} onChange={setOpened} width={300} trapFocus withinPortal>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('Link')} disabled={disabled} onMouseDown={(event) => event.preventDefault()} onClick={() => setOpened(!opened)}>
          <IconLink size={16} stroke={1.6} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <TextInput label={t('Address of the selected words')} value={href} onChange={(event) => setHref(event.currentTarget.value)} data-autofocus />
          <Group gap="xs" justify="flex-end">
            <Button variant="default" size="xs" onClick={() => apply('')}>
              {t('Remove link')}
            </Button>
            <Button size="xs" onClick={() => apply(href)}>
              {t('Link')}
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
