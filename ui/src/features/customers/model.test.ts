import { describe, expect, it } from 'vitest'
import { fileUrl, fromPoint, isPicture, mapUrl, moved, pointOf, pointProblem } from './model'

describe('points', () => {
  it('are two numbers on earth, or nothing', () => {
    expect(pointOf('6.9271,79.8612')).toEqual({ lat: '6.9271', lon: '79.8612' })
    expect(pointOf(null)).toEqual({ lat: '', lon: '' })
    expect(fromPoint({ lat: '', lon: '' })).toBeNull()
    expect(fromPoint({ lat: '6.9', lon: '' })).toBe('6.9,')
    expect(pointProblem({ lat: '-90', lon: '180' })).toBe('')
    expect(pointProblem({ lat: '', lon: '' })).toBe('')
    expect(pointProblem({ lat: '6', lon: '' })).toBe('Give both latitude and longitude.')
    expect(pointProblem({ lat: '90.1', lon: '0' })).toBe('The latitude lies between −90 and 90.')
    expect(pointProblem({ lat: 'north', lon: '0' })).toBe('The latitude lies between −90 and 90.')
    expect(pointProblem({ lat: '0', lon: '-180.5' })).toBe('The longitude lies between −180 and 180.')
    expect(mapUrl({ lat: '6.9', lon: '79.8' })).toBe('https://www.openstreetmap.org/?mlat=6.9&mlon=79.8#map=16/6.9/79.8')
  })
})

describe('files', () => {
  it('are linked when the product keeps them, not when an import names them', () => {
    const id = '01a1feec-592c-73da-88bb-1ac059ded039'
    expect(fileUrl(7, id)).toBe(`/api/customers/7/files/${id}`)
    expect(fileUrl(7, 'javascript:alert(1)')).toBe('')
    expect(fileUrl(7, `${id}/../x`)).toBe('')
    expect(isPicture('A.PNG')).toBe(true)
    expect(isPicture('a.png.pdf')).toBe(false)
  })
})

describe('order', () => {
  it('moves one and keeps the rest as it is', () => {
    expect(moved(['a', 'b', 'c', 'd'], 3, -2)).toEqual(['a', 'd', 'b', 'c'])
    expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b'])
  })
})
