/** The blocks of a mail and what one can do with them; pure. */
export type Align = 'left' | 'center' | 'right'
type Common = { id: string; show_if?: string }
export type SimpleBlock =
  | (Common & { type: 'heading'; text: string; level: 1 | 2 | 3; align: Align; colour?: string | null })
  | (Common & { type: 'text'; html: string; align: Align })
  | (Common & { type: 'image'; src: string; alt: string; href: string; width?: number | null; align: Align })
  | (Common & { type: 'button'; label: string; href: string; align: Align; background?: string | null; colour: string })
  | (Common & { type: 'divider'; colour: string })
  | (Common & { type: 'spacer'; height: number })
export type Product = { name: string; price: string; href: string; image: string }
export type Block =
  | SimpleBlock
  | (Common & { type: 'columns'; columns: SimpleBlock[][] })
  | (Common & { type: 'products'; items: Product[]; per_row: 1 | 2 | 3; link_label: string })
  | (Common & { type: 'footer'; organisation: string; address: string; reason: string; unsubscribe_label: string })
export type BlockType = Block['type']
export type Look = {
  background: string
  surface: string
  ink: string
  accent: string
  font: 'sans' | 'serif' | 'mono'
  width: number
}
export type BlockSource = { mode: 'blocks'; blocks: Block[]; look: Look; text: string | null }
export type CodeSource = { mode: 'code'; mjml: string; text: string | null }
export type Source = BlockSource | CodeSource
/** What is edited. */
export type Mail = { subject: string; preheader: string; source: Source }

export const LABELS: Record<BlockType, string> = {
  heading: 'Heading',
  text: 'Text',
  image: 'Image',
  button: 'Button',
  divider: 'Divider',
  spacer: 'Space',
  columns: 'Columns',
  products: 'Products',
  footer: 'Footer',
}
export const PALETTE = Object.keys(LABELS) as BlockType[]
export const INSIDE_COLUMNS: BlockType[] = ['heading', 'text', 'image', 'button', 'divider', 'spacer']

let made = 0
/** An id that no block of this or an earlier visit has. */
const newId = () => `b${Date.now().toString(36)}${(made++).toString(36)}`

/** A fresh block, with words that show what it is. */
export function newBlock(type: BlockType, organisation = ''): Block {
  const id = newId()
  switch (type) {
    case 'heading':
      return { id, type, text: 'A heading', level: 2, align: 'left' }
    case 'text':
      return { id, type, html: '<p>Write here.</p>', align: 'left' }
    case 'image':
      return { id, type, src: 'https://', alt: '', href: '', align: 'center' }
    case 'button':
      return { id, type, label: 'Open', href: 'https://', align: 'left', colour: '#ffffff' }
    case 'divider':
      return { id, type, colour: '#dfe3e8' }
    case 'spacer':
      return { id, type, height: 24 }
    case 'columns':
      return { id, type, columns: [[newBlock('text') as SimpleBlock], [newBlock('text') as SimpleBlock]] }
    case 'products':
      return { id, type, per_row: 3, link_label: 'View', items: [{ name: 'A product', price: '', href: 'https://', image: '' }] }
    case 'footer':
      return { id, type, organisation, address: '', reason: 'You receive this because you agreed to hear from us.', unsubscribe_label: 'Unsubscribe' }
  }
}

/** A copy with ids of its own. */
export function copyOf<B extends Block>(block: B): B {
  const copy = structuredClone(block)
  copy.id = newId()
  if (copy.type === 'columns') for (const column of copy.columns) for (const inner of column) inner.id = newId()
  return copy
}

export const insertAt = <T,>(list: T[], at: number, item: T): T[] => [...list.slice(0, at), item, ...list.slice(at)]
export const removeAt = <T,>(list: T[], at: number): T[] => list.filter((_, index) => index !== at)
export const replaceAt = <T,>(list: T[], at: number, item: T): T[] => list.map((old, index) => (index === at ? item : old))

/** `list` with the item at `from` before what was at `to` (`to` = length: at the end). */
export function moveTo<T>(list: T[], from: number, to: number): T[] {
  const item = list[from]
  if (item === undefined || to === from || to === from + 1) return list
  const rest = removeAt(list, from)
  return insertAt(rest, to > from ? to - 1 : to, item)
}

/** Where a new block goes: after the selected one, else before the footer, else at the end. */
export function placeFor(blocks: Block[], selected: string | null): number {
  const at = blocks.findIndex((block) => block.id === selected)
  if (at >= 0 && blocks[at]?.type !== 'footer') return at + 1
  const footer = blocks.findIndex((block) => block.type === 'footer')
  return footer >= 0 ? footer : blocks.length
}

const words = (html: string) => html.replace(/<[^>]*>/g, ' ').replace(/&nbsp;/g, ' ').replace(/&amp;/g, '&').replace(/\s+/g, ' ').trim()

/** One line that tells a block from the others. */
export function summary(block: Block): string {
  switch (block.type) {
    case 'heading':
      return block.text
    case 'text':
      return words(block.html)
    case 'image':
      return block.alt || block.src
    case 'button':
      return block.label
    case 'divider':
      return ''
    case 'spacer':
      return `${block.height} px`
    case 'columns':
      return block.columns.map((column) => column.map((inner) => LABELS[inner.type]).join(', ') || 'empty').join(' · ')
    case 'products':
      return block.items.map((item) => item.name).join(', ')
    case 'footer':
      return [block.organisation, block.address].filter(Boolean).join(', ')
  }
}

/** The first message for each block, by its place in the mail. */
export function faultsByBlock(fields: Record<string, string>): Map<number, string> {
  const found = new Map<number, string>()
  for (const [field, message] of Object.entries(fields)) {
    const at = /^source\.blocks\.(\d+)/.exec(field)?.[1]
    if (at !== undefined && !found.has(Number(at))) found.set(Number(at), message)
  }
  return found
}

/** `text` with `insert` in place of what is selected. */
export const spliced = (text: string, start: number, end: number, insert: string) => text.slice(0, start) + insert + text.slice(end)

/** How a variable is written; with a fallback where one makes sense. */
export const liquid = (path: string, fallback = '') => (fallback ? `{{ ${path} | default: "${fallback.replaceAll('"', "'")}" }}` : `{{ ${path} }}`)
