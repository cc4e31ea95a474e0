/** Named, not inherited: ECharts measures labels with it. */
const FONT = 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

const light = {
  ink: '#343a40',
  faint: '#59626b',
  line: '#dee2e6',
  surface: '#ffffff',
  colors: ['#0d6885', '#c05f14', '#8f87e8', '#6f2800', '#699d92', '#492981', '#97354f', '#576bc4', '#70174d', '#018e5a'],
}
const dark: typeof light = {
  ink: '#d5d9dd',
  faint: '#b4bac0',
  line: '#434a51',
  surface: '#1d2125',
  colors: ['#56abc8', '#e59a5a', '#736e03', '#8557ae', '#bbd6fd', '#a77877', '#d9d98b', '#7f81e3', '#23c9a2', '#aa8606'],
}

/**
 * The colours of series: 3:1 against the surface, and apart for people who see red and green alike, too (the nearest two
 * differ by 0.087 in Oklab under deuteranopia and protanopia as Machado et al. 2009 model them).
 */
export const seriesColors = (scheme: 'light' | 'dark') => (scheme === 'dark' ? dark : light).colors

/** What a series is compared with: no colour of its own. */
export const NEUTRAL = '#868e96'

/** A place among the colours of series, or the one that is none of them. */
export type Colour = number | 'neutral'

export const colourOf = (palette: readonly string[], colour: Colour) =>
  colour === 'neutral' ? NEUTRAL : palette[colour % palette.length]

/** An ECharts theme in the page's colours. */
export function chartTheme(scheme: 'light' | 'dark') {
  const { ink, faint, line, surface, colors } = scheme === 'dark' ? dark : light
  const axis = {
    axisLine: { lineStyle: { color: line } },
    axisTick: { show: false },
    axisLabel: { color: faint, fontSize: 11, fontFamily: FONT },
    splitLine: { lineStyle: { color: line, opacity: 0.7 } },
    nameTextStyle: { color: faint },
  }
  return {
    color: colors,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: FONT, color: ink },
    legend: { textStyle: { color: ink, fontFamily: FONT }, inactiveColor: line },
    tooltip: { backgroundColor: surface, borderColor: line, textStyle: { color: ink, fontSize: 12 } },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: axis,
    timeAxis: axis,
    logAxis: axis,
  }
}
