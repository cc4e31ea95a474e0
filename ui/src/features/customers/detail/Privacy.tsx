import { Button, Group, Stack, Text } from '@mantine/core'
import { api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { DisabledTip } from '@/ui/DisabledTip'
import { Facts, Section } from '@/ui/Section'
import { DateTime } from '@/ui/Time'
import { consentWord, type Customer } from '../model'
import { usePrivacy, useWrite } from '../queries'
import { Hold } from './Hold'

/** What the customer may ask for: the data, and to be forgotten. */
export function Privacy({ customer }: { customer: Customer }) {
  const kept = usePrivacy(customer.id, customer.may.erase === true)
  const held = kept.data?.hold || kept.data?.everybody_held
  const why = customer.may.erase ? (held ? t('There is a legal hold; lift it first.') : null) : t('Your role may not erase customers.')
  const erase = useWrite(() => api.post(`/api/customers/${customer.id}/erase`))
  const { marketing_opt_in, marketing_opt_in_at, marketing_opt_in_business, created_at } = customer.values as Record<string, string>
  const ask = async () => {
    const text = t('All personal data of {{name}} is wiped for good: fields, identities and what they did in words. Sums stay, and so does every “do not contact”. This cannot be undone.', { name: customer.name })
    if (!(await confirm({ title: t('Erase this customer?'), text, action: t('Erase for good'), danger: true }))) return
    await erase.mutateAsync(undefined)
  }
  return (
    <Stack>
      <Section title={t('Consent')}>
        <Facts
          items={[
            [t('Marketing opt-in status'), t(consentWord(marketing_opt_in as unknown as boolean | null))],
            [t('Since'), <DateTime key="at" value={marketing_opt_in_at} />],
            [t('Given to'), marketing_opt_in_business || '–'],
            [t('Added by'), customer.added_by || '–'],
            [t('Created at'), <DateTime key="created" value={created_at} />],
          ]}
        />
      </Section>
      <Section title={t('Data of this customer')}>
        <Text size="sm" c="dimmed" mb="sm">
          {t('Everything that is kept about this person, to hand over to them, as JSON.')}
        </Text>
        <Group gap="xs">
          <DisabledTip reason={customer.may.export ? null : t('Your role may not export customers.')}>
            <Button variant="default" component="a" href={`/api/customers/${customer.id}/data.json`} download>
              {t('Download data')}
            </Button>
          </DisabledTip>
          <DisabledTip reason={why}>
            <Button color="red.8" loading={erase.isPending} onClick={() => void ask()}>
              {t('Erase customer')}
            </Button>
          </DisabledTip>
        </Group>
      </Section>
      {kept.data && <Hold customer={customer.id} kept={kept.data} />}
    </Stack>
  )
}
