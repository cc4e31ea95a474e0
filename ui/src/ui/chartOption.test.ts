import { describe, expect, it } from 'vitest'
import { chartOption } from './chartOption'

const days = ['0–7', '8–30', '31–60', '61–90', '91–180', 'More than 180']
const axisOf = (categories: string[], width?: number) => {
  const series = [{ name: 'Customers', values: categories.map(() => 1) }]
  const option = chartOption({ kind: 'bar', categories, series, format: String, width })
  return (option.xAxis as { axisLabel: object }).axisLabel
}

describe('the axis of categories', () => {
  it('names every one of a few', () => expect(axisOf(['Fresh', 'Dry', 'Luxury'], 600)).toEqual({ interval: 0 }))
  it('names them aslant where they do not fit side by side', () => {
    expect(axisOf(days, 900)).toEqual({ interval: 0 })
    expect(axisOf(days, 330)).toEqual({ interval: 0, rotate: 40 })
  })
  it('names as many as fit of many', () =>
    expect(axisOf(Array.from({ length: 60 }, (_, day) => `Day ${day}`), 600)).toEqual({ hideOverlap: true }))
  it('names every bar that lies', () => {
    const series = [{ name: 'Customers', values: days.map(() => 1) }]
    const option = chartOption({ kind: 'bar', horizontal: true, categories: days, series, format: String })
    expect((option.yAxis as { axisLabel: object }).axisLabel).toEqual({ interval: 0 })
  })
})
