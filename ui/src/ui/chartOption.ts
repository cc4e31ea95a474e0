import { type Colour, colourOf } from './chartTheme'
import type { EChartsOption } from './echarts'

export type ChartKind = 'bar' | 'stacked' | 'line' | 'area' | 'donut'

export type ChartData = {
  categories: string[]
  /** `colour`: place among the colours of series, for what has the same one on every chart. */
  series: { name: string; values: (number | null)[]; colour?: Colour }[]
  /** Of a donut: the place of each category among the colours. */
  colours?: number[]
}

type Shape = ChartData & {
  kind: ChartKind
  horizontal?: boolean
  format: (value: number) => string
  /** The colours of series; without them the theme's, in order. */
  palette?: string[]
  /** Pixels there are for the picture. */
  width?: number
}

const MOST_NAMED = 16 // categories of which each is named, whatever it takes
const LETTER = 7 // pixels of an axis label's letter
const AROUND = 60 // pixels beside the categories: the numbers of the other axis

/** Each of a few categories is named: aslant where the names do not fit side by side. Of many, as many as fit. */
function named(categories: string[], width: number) {
  if (categories.length > MOST_NAMED) return { hideOverlap: true }
  const longest = Math.max(0, ...categories.map((name) => name.length)) * LETTER + 8
  return longest * categories.length > width - AROUND ? { interval: 0, rotate: 40 } : { interval: 0 }
}

const paint = (palette: string[] | undefined, colour: Colour) => (palette ? { color: colourOf(palette, colour) } : undefined)

/** The picture of `data`: labels on everything that fits. Its legend is `Chart`'s, which wraps as text does. */
export function chartOption({ kind, categories, series, colours, horizontal, format, palette, width = 480 }: Shape): EChartsOption {
  const valueFormatter = (value: unknown) => (value == null ? '–' : format(Number(value)))
  if (kind === 'donut') {
    const values = categories.map((_, index) => series[0]?.values[index] ?? 0)
    return {
      tooltip: { trigger: 'item', valueFormatter },
      series: {
        type: 'pie',
        radius: ['56%', '88%'],
        data: categories.map((name, index) => ({ name, value: values[index], itemStyle: paint(palette, colours?.[index] ?? index) })),
        label: { show: false },
      },
    }
  }
  const isBar = kind === 'bar' || kind === 'stacked'
  const axisLabel = horizontal ? { interval: 0 } : named(categories, width)
  const category = { type: 'category' as const, data: categories, inverse: horizontal, boundaryGap: isBar, axisLabel }
  const value = { type: 'value' as const, axisLabel: { hideOverlap: true, formatter: (tick: number) => format(tick) } }
  const isLabelled = kind === 'bar' && series.length === 1 && categories.length <= 16
  return {
    grid: { top: 18, left: 4, right: horizontal ? 52 : 12, bottom: 4, containLabel: true },
    tooltip: { trigger: 'axis', axisPointer: { type: isBar ? 'shadow' : 'line' }, valueFormatter },
    xAxis: horizontal ? value : category,
    yAxis: horizontal ? category : value,
    series: series.map(({ name, values, colour }, index) => ({
      name,
      data: values,
      itemStyle: paint(palette, colour ?? index),
      lineStyle: paint(palette, colour ?? index),
      type: isBar ? ('bar' as const) : ('line' as const),
      barMaxWidth: 28,
      showSymbol: categories.length <= 31,
      symbolSize: 5,
      ...(kind === 'stacked' || kind === 'area' ? { stack: 'all' } : {}),
      ...(kind === 'area' ? { areaStyle: { opacity: 0.25 } } : {}),
      ...(isLabelled
        ? {
            label: {
              show: true,
              position: horizontal ? ('right' as const) : ('top' as const),
              fontSize: 11,
              color: 'inherit',
              formatter: ({ value: number }: { value: unknown }) => valueFormatter(number),
            },
          }
        : {}),
    })),
  } as EChartsOption
}
