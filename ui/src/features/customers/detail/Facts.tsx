import { SimpleGrid, Stack } from '@mantine/core'
import { t } from '@/lib/i18n'
import { Facts as Known, Section } from '@/ui/Section'
import { type Customer, type Field, grouped, type Values } from '../model'
import { Fact } from './Fact'
import { FieldInput } from './FieldInput'

type Props = {
  customer: Customer
  fields: Field[]
  values: Values
  errors: Record<string, string>
  onChange: (key: string, value: unknown) => void
}

const WIDE = new Set(['multiline', 'multiple', 'url', 'file', 'signature', 'gps'])

/** Everything known of a customer, by group; edited in place by who may. */
export function Facts({ customer, fields, values, errors, onChange }: Props) {
  return (
    <Stack gap="sm">
      {grouped(fields).map(([group, members]) => (
        <Section key={group} title={t(group)}>
          {customer.may.edit && members.some(({ editable }) => editable) ? (
            <SimpleGrid cols={{ base: 1, xs: 2, md: 1, xl: 2 }} spacing="xs" verticalSpacing="xs">
              {members.map((field) => (
                <div key={field.key} style={WIDE.has(field.type) ? { gridColumn: '1 / -1' } : undefined}>
                  <FieldInput
                    customer={customer.id}
                    field={field}
                    value={values[field.key]}
                    users={customer.users}
                    error={errors[field.key]}
                    onChange={(value) => onChange(field.key, value)}
                  />
                </div>
              ))}
            </SimpleGrid>
          ) : (
            <Known items={members.map((field) => [field.label, <Fact key={field.key} field={field} value={values[field.key]} customer={customer} />])} />
          )}
        </Section>
      ))}
    </Stack>
  )
}
