import { Box, Flex, Group, SegmentedControl, Table, Text, Title, useComputedColorScheme } from '@mantine/core'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { t } from '@/lib/i18n'
import { formatNumber, percents } from '@/lib/numbers'
import { chartOption, type ChartData, type ChartKind } from './chartOption'
import { chartTheme, type Colour, colourOf, seriesColors } from './chartTheme'
import type { EChartsOption, init } from './echarts'

type Props = ChartData & {
  /** What the chart shows: its heading, and its name for screen readers. */
  label: string
  kind: ChartKind
  horizontal?: boolean
  height?: number
  format?: (value: number) => string
  /** Heading of the first column of the table view. */
  categoryLabel?: string
  /** Marks, heat maps, second axes: changes the option that is drawn; keep it stable (useCallback). */
  extend?: (option: EChartsOption) => EChartsOption
  onSelect?: (category: string) => void
  /** What else changes the picture: beside the switch between chart and table. */
  controls?: ReactNode
}

/** A chart with its table: SVG in the page's colours, one switch between picture and numbers. */
export function Chart(props: Props) {
  const { label, categories, series, format = formatNumber, categoryLabel = '', controls } = props
  const [view, setView] = useState('chart')
  return (
    <Box component="figure" m={0}>
      <Group justify="space-between" wrap="nowrap" gap="xs" mb={4}>
        <Title order={2} size="h3">{label}</Title>
        <Group gap="xs" justify="flex-end">
          {controls}
          <SegmentedControl
            size="xs"
            aria-label={t('View of {{label}}', { label })}
            value={view}
            onChange={setView}
            data={[
              { value: 'chart', label: t('Chart') },
              { value: 'table', label: t('Table') },
            ]}
          />
        </Group>
      </Group>
      {view === 'chart' ? (
        <Drawn {...props} format={format} />
      ) : (
        <Table.ScrollContainer minWidth={240} mah={props.height ?? 240}>
          <Table
            stickyHeader
            aria-label={label}
            data={{
              head: [categoryLabel, ...series.map(({ name }) => name)],
              body: categories.map((category, row) => [
                category,
                ...series.map(({ values }) => (values[row] == null ? '–' : format(values[row]))),
              ]),
            }}
          />
        </Table.ScrollContainer>
      )}
    </Box>
  )
}

/** The picture with its legend: of a donut beside it, with shares; else above it, when there are several series. */
function Drawn(props: Props & { format: (value: number) => string }) {
  const { kind, categories, series, colours } = props
  if (kind === 'donut') {
    const shares = percents(categories.map((_, index) => series[0]?.values[index] ?? 0), 1)
    const items = categories.map((name, index) => ({ name: `${name}  ${shares[index]} %`, colour: colours?.[index] }))
    return (
      <Flex direction={{ base: 'column', xs: 'row' }} align={{ xs: 'center' }} gap="md">
        <Box flex={1} miw={0}>
          <Picture {...props} />
        </Box>
        <Legend items={items} stacked />
      </Flex>
    )
  }
  return (
    <>
      {series.length > 1 && <Legend items={series} />}
      <Picture {...props} />
    </>
  )
}

function Legend({ items, stacked }: { items: readonly { name: string; colour?: Colour }[]; stacked?: boolean }) {
  const colors = seriesColors(useComputedColorScheme('light'))
  return (
    <Flex component="ul" direction={stacked ? 'column' : 'row'} wrap={stacked ? undefined : 'wrap'} columnGap="md" rowGap={4} m={0} p={0} style={{ listStyle: 'none' }}>
      {items.map(({ name, colour }, index) => (
        <Group component="li" key={name} gap={6} wrap="nowrap">
          <Box w={10} h={10} bg={colourOf(colors, colour ?? index)} style={{ borderRadius: 3, flex: 'none' }} aria-hidden />
          <Text span size="xs">
            {name}
          </Text>
        </Group>
      ))}
    </Flex>
  )
}

function Picture(props: Props & { format: (value: number) => string }) {
  const { label, kind, categories, series, colours, horizontal, format, extend, onSelect, height = 240 } = props
  const box = useRef<HTMLDivElement>(null)
  const [chart, setChart] = useState<ReturnType<typeof init> | null>(null)
  const [missing, setMissing] = useState<unknown>(null)
  const scheme = useComputedColorScheme('light')
  const [width, setWidth] = useState<number>()
  const option = useMemo(() => {
    const palette = seriesColors(scheme)
    const plain = chartOption({ kind, categories, series, colours, horizontal, format, palette, width })
    return { animation: false, ...(extend ? extend(plain) : plain) }
  }, [kind, categories, series, colours, horizontal, format, extend, scheme, width])

  // What draws is the largest part of any page, so the page stands before it comes.
  useEffect(() => {
    let stop: (() => void) | null = () => {}
    import('./echarts').then(({ init }) => {
      if (!stop) return
      const made = init(box.current, chartTheme(scheme), { renderer: 'svg' })
      setChart(made)
      made.on('click', ({ name }) => onSelect?.(name))
      const observer = new ResizeObserver(() => {
        made.resize()
        setWidth(made.getWidth())
      })
      observer.observe(box.current!)
      stop = () => {
        observer.disconnect()
        made.dispose()
      }
    }, setMissing)
    return () => {
      stop?.()
      stop = null
    }
  }, [scheme, onSelect])

  // Other numbers are drawn in the same chart: nothing flickers.
  useEffect(() => {
    if (chart && !chart.isDisposed()) chart.setOption(option, { notMerge: true })
  }, [chart, option])

  if (missing) throw missing
  return <div ref={box} role="img" aria-label={label} style={{ height }} />
}
