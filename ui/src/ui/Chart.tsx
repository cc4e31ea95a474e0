import { Box, Group, SegmentedControl, Table, Title, useComputedColorScheme } from '@mantine/core'
import { useEffect, useMemo, useRef, useState } from 'react'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { chartOption, type ChartData, type ChartKind } from './chartOption'
import { chartTheme, seriesColors } from './chartTheme'
import { type EChartsOption, init } from './echarts'

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
}

/** A chart with its table: SVG in the page's colours, one switch between picture and numbers. */
export function Chart(props: Props) {
  const { label, categories, series, format = formatNumber, categoryLabel = '' } = props
  const [view, setView] = useState('chart')
  return (
    <Box component="figure" m={0}>
      <Group justify="space-between" wrap="nowrap" gap="xs" mb={4}>
        <Title order={2} size="h3">{label}</Title>
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
      {view === 'chart' ? (
        <Picture {...props} format={format} />
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

function Picture(props: Props & { format: (value: number) => string }) {
  const { label, kind, categories, series, colours, horizontal, format, extend, onSelect, height = 240 } = props
  const box = useRef<HTMLDivElement>(null)
  const [chart, setChart] = useState<ReturnType<typeof init> | null>(null)
  const scheme = useComputedColorScheme('light')
  const option = useMemo(() => {
    const plain = chartOption({ kind, categories, series, colours, horizontal, format, palette: seriesColors(scheme) })
    return { animation: false, ...(extend ? extend(plain) : plain) }
  }, [kind, categories, series, colours, horizontal, format, extend, scheme])

  useEffect(() => {
    const made = init(box.current, chartTheme(scheme), { renderer: 'svg' })
    setChart(made)
    made.on('click', ({ name }) => onSelect?.(name))
    const observer = new ResizeObserver(() => made.resize())
    observer.observe(box.current!)
    return () => {
      observer.disconnect()
      made.dispose()
    }
  }, [scheme, onSelect])

  // Other numbers are drawn in the same chart: nothing flickers.
  useEffect(() => {
    if (chart && !chart.isDisposed()) chart.setOption(option, { notMerge: true })
  }, [chart, option])

  return <div ref={box} role="img" aria-label={label} style={{ height }} />
}
