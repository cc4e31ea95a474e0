import { ActionIcon, Button, Group, Menu, SimpleGrid, Stack, Text, Title, UnstyledButton } from '@mantine/core'
import { IconColumns, IconDots, IconGripVertical, IconHeading, IconLayoutGrid, IconLetterCase, IconLineDashed, IconPhoto, IconSeparator, IconLayoutBottombar, IconSquareRoundedPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import classes from './Editor.module.css'
import { type Block, type BlockType, copyOf, insertAt, LABELS, moveTo, newBlock, PALETTE, placeFor, removeAt, summary } from './model'

const ICONS: Record<BlockType, typeof IconPhoto> = {
  heading: IconHeading,
  text: IconLetterCase,
  image: IconPhoto,
  button: IconSquareRoundedPlus,
  divider: IconSeparator,
  spacer: IconLineDashed,
  columns: IconColumns,
  products: IconLayoutGrid,
  footer: IconLayoutBottombar,
}
const NEW = 'application/x-ceap-block'
const MOVED = 'application/x-ceap-moved'

type Props = {
  blocks: Block[]
  onChange: (blocks: Block[]) => void
  selected: string | null
  onSelect: (id: string | null) => void
  faults: Map<number, string>
  organisation: string
  disabled: boolean
}

/** The palette and the blocks in order: drag, or click to add; the menu moves with the keyboard. */
export function BlockList({ blocks, onChange, selected, onSelect, faults, organisation, disabled }: Props) {
  const [over, setOver] = useState<number | null>(null)
  const add = (type: BlockType, at: number) => {
    const block = newBlock(type, organisation)
    onChange(insertAt(blocks, at, block))
    onSelect(block.id)
  }
  const target = (at: number) => ({
    onDragOver: (event: React.DragEvent) => {
      if (disabled || !event.dataTransfer.types.some((type) => type === NEW || type === MOVED)) return
      event.preventDefault()
      setOver(at)
    },
    onDragLeave: () => setOver(null),
    onDrop: (event: React.DragEvent) => {
      event.preventDefault()
      setOver(null)
      const type = event.dataTransfer.getData(NEW) as BlockType
      const from = event.dataTransfer.getData(MOVED)
      if (type) add(type, at)
      else if (from) onChange(moveTo(blocks, Number(from), at))
    },
    'data-over': over === at || undefined,
  })
  return (
    <Stack gap="sm" className={classes.blocks}>
      {!disabled && (
        <SimpleGrid cols={3} spacing={6} role="group" aria-label={t('Add a block')}>
          {PALETTE.map((type) => {
            const Icon = ICONS[type]
            return (
              <Button
                key={type}
                variant="default"
                size="compact-xs"
                h={46}
                px={2}
                draggable
                onDragStart={(event) => event.dataTransfer.setData(NEW, type)}
                onClick={() => add(type, placeFor(blocks, selected))}
                aria-label={t('Add {{block}}', { block: LABELS[type] })}
              >
                <Stack gap={1} align="center" fz={11} fw={500}>
                  <Icon size={17} stroke={1.5} aria-hidden />
                  {LABELS[type]}
                </Stack>
              </Button>
            )
          })}
        </SimpleGrid>
      )}
      <Title order={2} fz="sm">
        {t('Blocks')}
      </Title>
      <Stack gap={5} component="ol" m={0} p={0} style={{ listStyle: 'none' }} aria-label={t('Blocks of the mail')}>
        {blocks.map((block, at) => (
          <li key={block.id}>
            <div className={classes.block} data-selected={block.id === selected || undefined} data-fault={faults.has(at) || undefined} {...target(at)}>
              <div className={classes.grip} draggable={!disabled} onDragStart={(event) => event.dataTransfer.setData(MOVED, String(at))} aria-hidden>
                <IconGripVertical size={15} stroke={1.5} />
              </div>
              <UnstyledButton className={classes.choose} onClick={() => onSelect(block.id)} aria-current={block.id === selected || undefined}>
                <Text size="xs" c="dimmed" lh={1.25}>
                  {LABELS[block.type]}
                  {block.show_if ? ` · ${t('conditional')}` : ''}
                </Text>
                <Text size="sm" truncate lh={1.3}>
                  {summary(block) || '—'}
                </Text>
              </UnstyledButton>
              {!disabled && (
                <Menu position="bottom-end" withinPortal>
                  <Menu.Target>
                    <ActionIcon variant="subtle" color="gray" mr={4} aria-label={t('Actions for block {{n}}', { n: at + 1 })}>
                      <IconDots size={15} />
                    </ActionIcon>
                  </Menu.Target>
                  <Menu.Dropdown>
                    <Menu.Item disabled={at === 0} onClick={() => onChange(moveTo(blocks, at, at - 1))}>{t('Move up')}</Menu.Item>
                    <Menu.Item disabled={at === blocks.length - 1} onClick={() => onChange(moveTo(blocks, at, at + 2))}>{t('Move down')}</Menu.Item>
                    <Menu.Item onClick={() => onChange(insertAt(blocks, at + 1, copyOf(block)))}>{t('Duplicate')}</Menu.Item>
                    <Menu.Item color="red.8" onClick={() => onChange(removeAt(blocks, at))}>{t('Remove')}</Menu.Item>
                  </Menu.Dropdown>
                </Menu>
              )}
            </div>
            {faults.has(at) && (
              <Text size="xs" c="var(--mantine-color-error)" mt={2}>
                {faults.get(at)}
              </Text>
            )}
          </li>
        ))}
      </Stack>
      {!disabled && (
        <Group className={classes.end} justify="center" {...target(blocks.length)}>
          <Text size="xs" c="dimmed">
            {t('Drop here, or click a block above to add it')}
          </Text>
        </Group>
      )}
    </Stack>
  )
}
