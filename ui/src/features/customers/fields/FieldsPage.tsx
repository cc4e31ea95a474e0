import { ActionIcon, Button, Menu, Stack, Text, VisuallyHidden } from '@mantine/core'
import { IconDots, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { Section } from '@/ui/Section'
import { type Field, moved } from '../model'
import { useFields, useFieldUsesNow, useRoleNames, useWrite } from '../queries'
import { AccessForm } from './AccessForm'
import { FieldForm } from './FieldForm'
import { FieldTable } from './FieldTable'
import { UseList, Uses } from './Uses'

const PATH = '/api/customers/fields'
type Opened = { form: 'edit' | 'access' | 'uses'; field: Field } | { form: 'add' } | null

/** What is kept about a customer: own fields are added, renamed, put in order, retired; every one limited to roles. */
export function FieldsPage() {
  const { data, error, refetch } = useFields(true)
  const roles = new Map((useRoleNames().data ?? []).map(({ key, name }) => [key, name]))
  const usesNow = useFieldUsesNow()
  const [opened, open] = useState<Opened>(null)
  const [said, say] = useState('')
  const order = useWrite((ids: (string | null)[]) => api.put(`${PATH}/order`, { ids }))
  const retire = useWrite((field: Field) => api.post(`${PATH}/${field.id}/${field.retired_at ? 'restore' : 'retire'}`))
  if (error) return <ErrorState page error={error} onRetry={() => void refetch()} />
  const live = (data ?? []).filter((field) => field.custom && !field.retired_at)
  const sent = order.isPending ? order.variables : null
  const own = sent ? live.toSorted((a, b) => sent.indexOf(a.id) - sent.indexOf(b.id)) : live
  const retired = (data ?? []).filter((field) => field.retired_at)
  const move = (from: number, to: number) => {
    order.mutate(moved(own, from, to - from).map(({ id }) => id))
    say(t('{{label}} is number {{place}} of {{count}} now', { label: own[from]?.label, place: to + 1, count: own.length }))
  }
  const ask = async (field: Field) => {
    const uses = await usesNow(field.key)
    const text = (
      <Stack gap="xs">
        <Text>{t('“{{label}}” leaves forms, lists and rules. Its values are kept and come back when you restore it.', { label: field.label })}</Text>
        {uses.some(({ breaks }) => breaks) && <Text fw={600}>{t('These segments cannot be recalculated without it:')}</Text>}
        <UseList uses={uses} />
      </Stack>
    )
    if (await confirm({ title: t('Retire this field?'), text, action: t('Retire') })) retire.mutate(field)
  }
  const close = () => open(null)
  const more = (field: Field, index?: number) => (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('Actions for {{name}}', { name: field.label })}><IconDots size={16} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {index != null && <Menu.Item onClick={() => open({ form: 'edit', field })}>{t('Edit')}</Menu.Item>}
        <Menu.Item onClick={() => open({ form: 'access', field })}>{t('Who may see it')}</Menu.Item>
        <Menu.Item onClick={() => open({ form: 'uses', field })}>{t('Where it is used')}</Menu.Item>
        {index != null && index > 0 && <Menu.Item onClick={() => move(index, index - 1)}>{t('Move up')}</Menu.Item>}
        {index != null && index < own.length - 1 && <Menu.Item onClick={() => move(index, index + 1)}>{t('Move down')}</Menu.Item>}
        {index != null && <Menu.Item onClick={() => void ask(field)}>{t('Retire')}</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  )
  const add = <Button leftSection={<IconPlus size={16} />} onClick={() => open({ form: 'add' })}>{t('Add field')}</Button>
  return (
    <>
      <PageHeader title={t('Fields')} sub={t('What is kept about a customer, and who sees it')} actions={add} />
      <VisuallyHidden role="status">{said}</VisuallyHidden>
      <Stack gap="md">
      <Section title={t('Own fields')}>
        {own.length === 0 ? (
          <EmptyState title={t('There are no own fields yet')}>{t('Add what your business needs to know about a customer. A field becomes a column of every list, rule and report.')}</EmptyState>
        ) : (
          <FieldTable label={t('Own fields')} fields={own} roles={roles} onMove={move}>{more}</FieldTable>
        )}
      </Section>
      {retired.length > 0 && (
        <Section title={t('Retired')}>
          <FieldTable label={t('Retired')} fields={retired} roles={roles}>
            {(field) => <Button size="compact-sm" variant="default" onClick={() => retire.mutate(field)}>{t('Restore')}</Button>}
          </FieldTable>
        </Section>
      )}
      <Section title={t('Default fields')}>
        <FieldTable label={t('Default fields')} fields={(data ?? []).filter((field) => !field.custom)} roles={roles}>{(field) => more(field)}</FieldTable>
      </Section>
      </Stack>
      {(opened?.form === 'add' || opened?.form === 'edit') && <FieldForm field={opened.form === 'edit' ? opened.field : null} onClose={close} />}
      {opened?.form === 'access' && <AccessForm field={opened.field} onClose={close} />}
      {opened?.form === 'uses' && <Uses field={opened.field} onClose={close} />}
    </>
  )
}
