import { ActionIcon, Button, ColorInput, Group, NumberInput, Paper, SegmentedControl, Select, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { t } from '@/lib/i18n'
import { type Align, type Block, INSIDE_COLUMNS, LABELS, newBlock, type Product, removeAt, replaceAt, type SimpleBlock } from './model'
import { PersonalInput } from './PersonalInput'
import { RichText } from './RichText'

type Props<B extends Block> = { block: B; onChange: (block: B) => void; disabled?: boolean }

/** Everything that can be set on the chosen block. */
export function BlockSettings({ block, onChange, disabled }: Props<Block>) {
  const isFooter = block.type === 'footer'
  return (
    <fieldset disabled={disabled} style={{ border: 0, minWidth: 0, margin: 0, padding: 0 }}>
      <Stack gap="sm">
      <Title order={2} fz="md">
        {LABELS[block.type]}
      </Title>
      <Fields block={block} onChange={onChange} disabled={disabled} />
      {!isFooter && (
        <TextInput
          label={t('Show only if')}
          description={t('A condition, e.g. customer.current_tier == "Gold"; empty = always')}
          value={block.show_if ?? ''}
          onChange={(event) => onChange({ ...block, show_if: event.currentTarget.value })}
        />
      )}
      </Stack>
    </fieldset>
  )
}

/** Columns and products have no names of their own: their place is what they are. */
const PLACES = Array.from({ length: 12 }, (_, at) => `place-${at}`)

const Alignment = ({ value, onChange }: { value: Align; onChange: (align: Align) => void }) => (
  <Stack gap={4}>
    <Text size="sm" fw={500}>
      {t('Alignment')}
    </Text>
    <SegmentedControl
      size="xs"
      aria-label={t('Alignment')}
      value={value}
      onChange={(next) => onChange(next as Align)}
      data={[
        { value: 'left', label: t('Left') },
        { value: 'center', label: t('Centre') },
        { value: 'right', label: t('Right') },
      ]}
    />
  </Stack>
)

const Colour = ({ label, value, onChange, placeholder }: { label: string; value: string | null | undefined; onChange: (colour: string | null) => void; placeholder?: string }) => (
  <ColorInput label={label} value={value ?? ''} placeholder={placeholder} format="hex" withEyeDropper={false} onChange={(next) => onChange(/^#[0-9a-f]{6}$/i.test(next) ? next : null)} />
)

function Fields({ block, onChange, disabled }: Props<Block>) {
  switch (block.type) {
    case 'heading':
      return (
        <>
          <PersonalInput label={t('Text')} rows={2} value={block.text} onChange={(text) => onChange({ ...block, text })} />
          <Select
            label={t('Size')}
            allowDeselect={false}
            value={String(block.level)}
            data={[
              { value: '1', label: t('Large') },
              { value: '2', label: t('Medium') },
              { value: '3', label: t('Small') },
            ]}
            onChange={(level) => onChange({ ...block, level: Number(level) as 1 | 2 | 3 })}
          />
          <Alignment value={block.align} onChange={(align) => onChange({ ...block, align })} />
          <Colour label={t('Colour')} placeholder={t('as the text')} value={block.colour} onChange={(colour) => onChange({ ...block, colour })} />
        </>
      )
    case 'text':
      return (
        <>
          <RichText label={t('Text')} value={block.html} onChange={(html) => onChange({ ...block, html })} disabled={disabled} />
          <Alignment value={block.align} onChange={(align) => onChange({ ...block, align })} />
        </>
      )
    case 'image':
      return (
        <>
          <PersonalInput label={t('Address of the image')} value={block.src} onChange={(src) => onChange({ ...block, src })} />
          <PersonalInput label={t('Description')} description={t('For people who do not see it')} value={block.alt} onChange={(alt) => onChange({ ...block, alt })} />
          <PersonalInput label={t('Links to')} value={block.href} onChange={(href) => onChange({ ...block, href })} />
          <NumberInput label={t('Width in pixels')} placeholder={t('as wide as there is room')} min={16} max={1200} value={block.width ?? ''} onChange={(width) => onChange({ ...block, width: width === '' ? null : Number(width) })} />
          <Alignment value={block.align} onChange={(align) => onChange({ ...block, align })} />
        </>
      )
    case 'button':
      return (
        <>
          <PersonalInput label={t('Label')} value={block.label} onChange={(label) => onChange({ ...block, label })} />
          <PersonalInput label={t('Links to')} value={block.href} onChange={(href) => onChange({ ...block, href })} />
          <Alignment value={block.align} onChange={(align) => onChange({ ...block, align })} />
          <Colour label={t('Background')} placeholder={t('the accent colour')} value={block.background} onChange={(background) => onChange({ ...block, background })} />
          <Colour label={t('Text colour')} value={block.colour} onChange={(colour) => onChange({ ...block, colour: colour ?? '#ffffff' })} />
        </>
      )
    case 'divider':
      return <Colour label={t('Colour')} value={block.colour} onChange={(colour) => onChange({ ...block, colour: colour ?? '#dfe3e8' })} />
    case 'spacer':
      return <NumberInput label={t('Height in pixels')} min={4} max={200} value={block.height} onChange={(height) => onChange({ ...block, height: Number(height) || 24 })} />
    case 'columns':
      return <ColumnFields block={block} onChange={onChange} disabled={disabled} />
    case 'products':
      return <ProductFields block={block} onChange={onChange} />
    case 'footer':
      return (
        <>
          <PersonalInput label={t('Why they receive it')} rows={2} value={block.reason} onChange={(reason) => onChange({ ...block, reason })} />
          <TextInput label={t('Organisation')} value={block.organisation} onChange={(event) => onChange({ ...block, organisation: event.currentTarget.value })} />
          <PersonalInput label={t('Postal address')} description={t('The law asks for it in marketing mails')} required value={block.address} onChange={(address) => onChange({ ...block, address })} />
          <TextInput label={t('Label of the unsubscribe link')} value={block.unsubscribe_label} onChange={(event) => onChange({ ...block, unsubscribe_label: event.currentTarget.value })} />
        </>
      )
  }
}

type OfType<T extends Block['type']> = Extract<Block, { type: T }>

function ColumnFields({ block, onChange, disabled }: Props<OfType<'columns'>>) {
  const set = (columns: SimpleBlock[][]) => onChange({ ...block, columns })
  return (
    <>
      <Select
        label={t('Columns')}
        allowDeselect={false}
        value={String(block.columns.length)}
        data={['2', '3', '4']}
        onChange={(count) => set(Array.from({ length: Number(count) }, (_, at) => block.columns[at] ?? []))}
      />
      {block.columns.map((column, nth) => (
        <Paper key={PLACES[nth]} withBorder p="xs">
          <Title order={3} fz="sm" mb={6}>
            {t('Column {{n}}', { n: nth + 1 })}
          </Title>
          <Stack gap="md">
            {column.map((inner, at) => (
              <Stack key={inner.id} gap={6}>
                <Group justify="space-between">
                  <Text size="sm" fw={600}>
                    {LABELS[inner.type]}
                  </Text>
                  <ActionIcon variant="subtle" color="gray" aria-label={t('Remove {{block}}', { block: LABELS[inner.type] })} onClick={() => set(replaceAt(block.columns, nth, removeAt(column, at)))}>
                    <IconTrash size={15} />
                  </ActionIcon>
                </Group>
                <Fields block={inner} disabled={disabled} onChange={(next) => set(replaceAt(block.columns, nth, replaceAt(column, at, next as SimpleBlock)))} />
              </Stack>
            ))}
            <Group gap={4} role="group" aria-label={t('Add to column {{n}}', { n: nth + 1 })}>
              {INSIDE_COLUMNS.map((type) => (
                <Button key={type} variant="default" size="compact-xs" onClick={() => set(replaceAt(block.columns, nth, [...column, newBlock(type) as SimpleBlock]))}>
                  + {LABELS[type]}
                </Button>
              ))}
            </Group>
          </Stack>
        </Paper>
      ))}
    </>
  )
}

function ProductFields({ block, onChange }: Props<OfType<'products'>>) {
  const set = (items: Product[]) => onChange({ ...block, items })
  return (
    <>
      <Select label={t('Beside each other')} allowDeselect={false} value={String(block.per_row)} data={['1', '2', '3']} onChange={(count) => onChange({ ...block, per_row: Number(count) as 1 | 2 | 3 })} />
      <TextInput label={t('Label of the buttons')} value={block.link_label} onChange={(event) => onChange({ ...block, link_label: event.currentTarget.value })} />
      {block.items.map((item, at) => (
        <Paper key={PLACES[at]} withBorder p="xs" component="section" aria-label={t('Product {{n}}', { n: at + 1 })}>
          <Stack gap={6}>
            <PersonalInput label={t('Name')} value={item.name} onChange={(name) => set(replaceAt(block.items, at, { ...item, name }))} />
            <PersonalInput label={t('Price, as it reads')} value={item.price} onChange={(price) => set(replaceAt(block.items, at, { ...item, price }))} />
            <PersonalInput label={t('Links to')} value={item.href} onChange={(href) => set(replaceAt(block.items, at, { ...item, href }))} />
            <PersonalInput label={t('Address of the image')} value={item.image} onChange={(image) => set(replaceAt(block.items, at, { ...item, image }))} />
            <Button variant="default" size="compact-xs" onClick={() => set(removeAt(block.items, at))}>
              {t('Remove product')}
            </Button>
          </Stack>
        </Paper>
      ))}
      {block.items.length < 12 && (
        <Button variant="default" size="xs" onClick={() => set([...block.items, { name: '', price: '', href: 'https://', image: '' }])}>
          {t('Add a product')}
        </Button>
      )}
    </>
  )
}
