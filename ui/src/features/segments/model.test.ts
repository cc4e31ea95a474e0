import { describe, expect, it } from 'vitest'
import * as model from './model'
import type { Menu, Rule } from './model'

const operator = (key: string, shape: model.Shape) => ({ key, label: key, shape })
const field = (key: string, operators: model.Operator[]) => ({
  key, label: key, type: 'text', group: 'Profile', options: [], suggests: true, operators,
})
export const menu: Menu = {
  fields: [
    field('source', [operator('is', 'option'), operator('is_not', 'option'), operator('is_empty', 'none')]),
    field('balance', [operator('equals', 'number'), operator('between', 'numbers')]),
    field('created_at', [operator('on', 'date'), operator('in_last', 'span')]),
    field('c_tags', [operator('contains_any', 'options')]),
  ],
  behaviours: ['purchased', 'did'].map((key) => ({ key, label: key, measures: [], filters: [], narrowed_by: [] })),
  moments: { choices: [], operators: [] }, segments: { choices: [], operators: [] },
  campaigns: { choices: [], operators: [] }, rfm: [], comparisons: [], units: ['days'], limits: { conditions: 3, groups: 2 },
}
const rule: Rule = {
  join: 'or',
  groups: [
    {
      join: 'and',
      conditions: [
        { kind: 'field', field: 'source', operator: 'is', value: 'WhatsApp' },
        { kind: 'field', field: 'balance', operator: 'between', value: [0, 5] },
        { kind: 'field', field: 'created_at', operator: 'in_last', value: { count: 3, unit: 'months' } },
      ],
    },
    {
      join: 'or',
      conditions: [
        { kind: 'field', field: 'source', operator: 'is_empty', value: null },
        { kind: 'field', field: 'c_tags', operator: 'contains_any', value: ['a', 'b,c'] },
        {
          kind: 'behaviour', behaviour: 'purchased', event: null, comparison: 'at_least', times: 3,
          window: { count: 365, unit: 'days' }, filters: [{ on: 'category', value: 'Gifts' }],
        },
        {
          kind: 'behaviour', behaviour: 'did', event: 'course_viewed', comparison: 'exactly', times: 0,
          window: null, filters: [],
        },
      ],
    },
  ],
}

describe('the draft and the rule of the server', () => {
  it('come back unchanged, lists as lists', () => {
    const sent = model.toRule(menu, model.fromRule(rule))
    expect(sent?.rule).toEqual(rule)
    expect(sent?.open).toBe(0)
  })
  it('leave out what is not filled in yet, and say how much that is', () => {
    const draft = model.addGroup(model.fromRule(rule))
    const added = model.addCondition(draft, draft.rules[0]!.id)
    const sent = model.toRule(menu, added)
    expect(sent?.rule).toEqual(rule)
    expect(sent?.open).toBe(2)
  })
  it('are nothing while nothing is complete', () => {
    expect(model.toRule(menu, model.emptyRule())).toBeNull()
  })
  it('keep counts and errors with their condition when one before it is incomplete', () => {
    const draft = model.fromRule(rule)
    const [first, second] = draft.rules[0]!.rules as [model.Draft, model.Draft]
    const open = model.setCondition(draft, { ...first, value: null })
    const sent = model.toRule(menu, open)!
    expect(model.countsById(sent.ids, [[7, 8], [1, 2, 3, 4]])[second.id]).toBe(7)
    const errors = [{ field: 'groups.0.conditions.0.value.1', message: 'No' }, { field: 'name', message: 'Missing' }]
    expect(model.errorsById(sent.ids, errors)).toEqual({ [second.id]: 'No', '': 'Missing' })
    const unreadable = [{ field: 'rule.groups.0.conditions.0.value', message: 'A zero character' }]
    expect(model.errorsById(sent.ids, unreadable)).toEqual({ [second.id]: 'A zero character' })
  })
})

describe('a condition', () => {
  const draft = { ...model.emptyCondition(), field: 'balance', operator: 'equals', value: 5 }
  it('keeps its value when the operator takes the same kind', () => {
    const source = { ...draft, field: 'source', operator: 'is', value: 'Web' }
    expect(model.withOperator(menu, source, 'is_not').value).toBe('Web')
    expect(model.withOperator(menu, draft, 'between').value).toEqual([null, null])
  })
  it('starts over with another field', () => {
    expect(model.withField(menu, draft, 'created_at')).toMatchObject({ operator: 'on', value: null })
    expect(model.withField(menu, draft, 'behaviour:purchased')).toMatchObject({ operator: 'at_least' })
  })
  it.each([
    ['balance', 'equals', 0, true],
    ['balance', 'between', [1, null], false],
    ['created_at', 'in_last', { count: null, unit: 'days' }, false],
    ['c_tags', 'contains_any', [], false],
    ['source', 'is_empty', null, true],
    ['gone', 'is', 'x', false],
    ['behaviour:did', 'at_least', { event: '', times: 1, window: null, filters: [] }, false],
  ])('%s %s %j is complete: %s', (name, key, value, expected) => {
    expect(model.isComplete(menu, { id: 'x', field: name, operator: key, value })).toBe(expected)
  })
})

describe('editing', () => {
  it('adds up to the limits and says why not more', () => {
    let draft = model.emptyRule()
    expect(model.groupLimit(menu, draft)).toBeNull()
    draft = model.addGroup(draft)
    expect(model.groupLimit(menu, draft)).toBe('A rule has at most 2 groups.')
    const id = draft.rules[0]!.id
    draft = model.addCondition(model.addCondition(draft, id), id)
    expect(model.conditionLimit(menu, draft.rules[0]!)).toBe('A group has at most 3 conditions.')
    expect(model.conditionLimit(menu, draft.rules[1]!)).toBeNull()
  })
  it('removes one condition and leaves the rest as it is', () => {
    const draft = model.fromRule(rule)
    const after = model.removeCondition(draft, draft.rules[0]!.rules[1]!.id)
    expect(after.rules[0]!.rules).toEqual([draft.rules[0]!.rules[0], draft.rules[0]!.rules[2]])
    expect(after.rules[1]!).toEqual(draft.rules[1])
  })
  it('removes a group with its last condition, but never the last group', () => {
    const draft = model.addGroup(model.emptyRule())
    const one = model.removeCondition(draft, draft.rules[0]!.rules[0]!.id)
    expect(one.rules).toHaveLength(1)
    expect(model.removeCondition(one, one.rules[0]!.rules[0]!.id).rules).toHaveLength(1)
  })
  it('joins groups and conditions separately', () => {
    const draft = model.fromRule(rule)
    expect(model.setJoin(draft, draft.id, 'and').combinator).toBe('and')
    expect(model.setJoin(draft, draft.rules[0]!.id, 'or').rules.map(({ combinator }) => combinator)).toEqual(['or', 'or'])
  })
})
