/** Named, not inherited: ECharts measures labels with it. */
const FONT = 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

const light = {
  ink: '#343a40',
  faint: '#59626b',
  line: '#dee2e6',
  surface: '#ffffff',
  colors: ['#0d6885', '#c05f14', '#4f7a28', '#8a4f9e', '#b23a4e', '#3f6fb5', '#857314', '#5f6b76'],
}
const dark: typeof light = {
  ink: '#d5d9dd',
  faint: '#b4bac0',
  line: '#434a51',
  surface: '#1d2125',
  colors: ['#56abc8', '#e59a5a', '#93bd68', '#c394d4', '#e58594', '#8db2e8', '#cdb94f', '#a3adb6'],
}

/** An ECharts theme in the page's colours; series colours keep 3:1 against the surface. */
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
