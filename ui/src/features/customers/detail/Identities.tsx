import { ActionIcon, Alert, Anchor, Badge, Button, Group, Select, Stack, Table, Text, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiProblem, api, sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { useCan } from '@/lib/session'
import { confirm } from '@/ui/confirm'
import { Section } from '@/ui/Section'
import type { Customer, Identity } from '../model'
import { useWrite } from '../queries'

const KINDS = ['email', 'phone', 'customer_id', 'username', 'loyalty_card', 'anonymous_id']

/** The ways in which a customer is recognised, and making one customer of two. */
export function Identities({ customer }: { customer: Customer }) {
  const remove = useWrite((identity: Identity) => api.delete(`/api/customers/${customer.id}/identities/${identity.id}`))
  const take = async (identity: Identity) => {
    const text = t('{{value}} will no longer lead to this customer.', { value: identity.value })
    if (await confirm({ title: t('Remove this identity?'), text, action: t('Remove'), danger: true })) remove.mutate(identity)
  }
  return (
    <Stack>
      <Section title={t('Identities')}>
        <Table.ScrollContainer minWidth={320} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': t('Identities'), role: 'group' } }}>
          <Table aria-label={t('Identities')}>
            <Table.Tbody>
              {customer.identities.map((identity) => (
                <Table.Tr key={identity.id}>
                  <Table.Td>{identity.kind}</Table.Td>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>{identity.value}</Table.Td>
                  <Table.Td ta="right">
                    {identity.primary ? (
                      <Badge variant="default">{t('Field')}</Badge>
                    ) : (
                      customer.may.edit && (
                        <ActionIcon variant="subtle" color="gray" aria-label={t('Remove {{value}}', { value: identity.value })} onClick={() => void take(identity)}>
                          <IconTrash size={15} />
                        </ActionIcon>
                      )
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
        {customer.identities.length === 0 && <Text c="dimmed">{t('Nothing names this customer yet.')}</Text>}
        {customer.may.edit && <AddIdentity customer={customer} />}
      </Section>
      <Merge customer={customer} />
    </Stack>
  )
}

function AddIdentity({ customer }: { customer: Customer }) {
  const [kind, setKind] = useState('email')
  const [value, setValue] = useState('')
  const add = useWrite(() => api.post(`/api/customers/${customer.id}/identities`, { kind, value }), { quiet: true })
  const other = add.error instanceof ApiProblem ? (add.error.body as { customer?: number } | null)?.customer : undefined
  const save = async () => {
    await add.mutateAsync(undefined).then(() => setValue(''), () => undefined)
  }
  return (
    <Stack gap="xs" mt="sm" component="form" onSubmit={(event) => { event.preventDefault(); void save() }}>
      {add.error && (
        <Alert color="red">
          {sentence(add.error)} {other && <Anchor component={Link} to={`/customers/${other}`}>{t('Open that customer')}</Anchor>}
        </Alert>
      )}
      <Group gap="xs" align="flex-end">
        <Select label={t('Kind')} data={KINDS} value={kind} allowDeselect={false} w={150} onChange={(next) => setKind(next ?? 'email')} />
        <TextInput label={t('Value')} value={value} required flex={1} miw={160} onChange={(event) => setValue(event.currentTarget.value)} />
        <Button type="submit" variant="default" loading={add.isPending}>{t('Add identity')}</Button>
      </Group>
    </Stack>
  )
}

function Merge({ customer }: { customer: Customer }) {
  const canMerge = useCan('customers_erase')
  const [text, setText] = useState('')
  const merge = useWrite((duplicate: number) => api.post(`/api/customers/${customer.id}/merge`, { duplicate }), { quiet: true })
  if (!canMerge) return null
  const ask = async () => {
    const duplicate = Number(text.replace('#', ''))
    const message = t('Customer #{{id}} becomes part of {{name}}: identities, purchases, deliveries and consent. This cannot be undone.', { id: duplicate, name: customer.name })
    const sure = await confirm({ title: t('Merge two customers?'), text: message, action: t('Merge'), danger: true })
    if (sure) await merge.mutateAsync(duplicate).then(() => setText(''), () => undefined)
  }
  return (
    <Section title={t('Merge')}>
      <Text size="sm" c="dimmed" mb="xs">
        {t('Two entries of the same person? The other one becomes part of this one.')}
      </Text>
      {merge.error && <Alert color="red" mb="xs">{sentence(merge.error)}</Alert>}
      <Group gap="xs" align="flex-end" component="form" onSubmit={(event) => { event.preventDefault(); void ask() }}>
        <TextInput label={t('Number of the other customer')} placeholder="#4711" inputMode="numeric" pattern="#?[0-9]+" required value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <Button type="submit" variant="default" loading={merge.isPending}>{t('Merge')}</Button>
      </Group>
    </Section>
  )
}
