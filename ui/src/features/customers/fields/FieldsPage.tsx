import { ActionIcon, Badge, Button, Group, Table, Text } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { Section } from '@/ui/Section'
import { type Field, moved } from '../model'
import { useFields, useWrite } from '../queries'
import { FieldForm } from './FieldForm'
import { TYPES } from './types'

const PATH = '/api/customers/fields'

/** The organisation's own fields of a customer: add, rename, order, retire. */
export function FieldsPage() {
  const { data, error, refetch } = useFields(true)
  const [edited, setEdited] = useState<Field | 'new' | null>(null)
  const order = useWrite((ids: (string | null)[]) => api.put(`${PATH}/order`, { ids }))
  const retire = useWrite((field: Field) => api.post(`${PATH}/${field.id}/${field.retired_at ? 'restore' : 'retire'}`))
  if (error) return <ErrorState page error={error} onRetry={() => void refetch()} />
  const own = (data ?? []).filter((field) => field.custom && !field.retired_at)
  const retired = (data ?? []).filter((field) => field.retired_at)
  const add = <Button leftSection={<IconPlus size={16} />} onClick={() => setEdited('new')}>{t('Add field')}</Button>
  const ask = async (field: Field) => {
    const text = t('“{{label}}” leaves forms, lists and rules. Its values are kept and come back when you restore it.', { label: field.label })
    if (field.retired_at || (await confirm({ title: t('Retire this field?'), text, action: t('Retire') }))) retire.mutate(field)
  }
  const move = (index: number, by: number) => order.mutate(moved(own, index, by).map(({ id }) => id))
  return (
    <>
      <PageHeader title={t('Fields')} sub={t('What is kept about a customer')} actions={add} />
      <Section title={t('Own fields')}>
        {own.length === 0 ? (
          <EmptyState title={t('There are no own fields yet')}>{t('Add what your business needs to know about a customer. A field becomes a column of every list, rule and report.')}</EmptyState>
        ) : (
          <FieldTable label={t('Own fields')} fields={own}>
            {(field, index) => (
              <>
                <ActionIcon variant="subtle" color="gray" aria-label={t('Move {{label}} up', { label: field.label })} aria-disabled={index === 0} onClick={() => index > 0 && move(index, -1)}>
                  <IconArrowUp size={15} />
                </ActionIcon>
                <ActionIcon variant="subtle" color="gray" aria-label={t('Move {{label}} down', { label: field.label })} aria-disabled={index === own.length - 1} onClick={() => index < own.length - 1 && move(index, 1)}>
                  <IconArrowDown size={15} />
                </ActionIcon>
                <Button size="compact-sm" variant="default" onClick={() => setEdited(field)}>{t('Edit')}</Button>
                <Button size="compact-sm" variant="subtle" color="gray" onClick={() => void ask(field)}>{t('Retire')}</Button>
              </>
            )}
          </FieldTable>
        )}
      </Section>
      {retired.length > 0 && (
        <Section title={t('Retired')}>
          <FieldTable label={t('Retired')} fields={retired}>
            {(field) => <Button size="compact-sm" variant="default" onClick={() => void ask(field)}>{t('Restore')}</Button>}
          </FieldTable>
        </Section>
      )}
      <Section title={t('Default fields')}>
        <FieldTable label={t('Default fields')} fields={(data ?? []).filter((field) => !field.custom)} />
      </Section>
      {edited && <FieldForm field={edited === 'new' ? null : edited} onClose={() => setEdited(null)} />}
    </>
  )
}

type TableProps = { label: string; fields: Field[]; children?: (field: Field, index: number) => React.ReactNode }

function FieldTable({ label, fields, children }: TableProps) {
  return (
    <Table.ScrollContainer minWidth={420} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': label, role: 'group' } }}>
      <Table aria-label={label} verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('Label')}</Table.Th>
            <Table.Th>{t('Key')}</Table.Th>
            <Table.Th>{t('Type')}</Table.Th>
            {children && <Table.Th ta="right">{t('Actions')}</Table.Th>}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {fields.map((field, index) => (
            <Table.Tr key={field.key}>
              <Table.Td>
                {field.label}
                {field.options.length > 0 && <Text size="xs" c="dimmed" lineClamp={1}>{field.options.join(', ')}</Text>}
              </Table.Td>
              <Table.Td><Text size="sm" ff="monospace">{field.key}</Text></Table.Td>
              <Table.Td><Badge variant="default">{t(TYPES.get(field.type) ?? field.type)}</Badge></Table.Td>
              {children && <Table.Td><Group gap={4} justify="flex-end" wrap="nowrap">{children(field, index)}</Group></Table.Td>}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
