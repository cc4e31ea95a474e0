import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ApiProblem, api } from '@/lib/client'
import { t } from '@/lib/i18n'
import type { components } from '@/lib/schema.gen'
import { confirm } from '@/ui/confirm'
import { Section } from '@/ui/Section'
import { DateTime } from '@/ui/Time'
import { useWrite } from '../queries'

export type Kept = components['schemas']['PrivacyOut']

/** A legal hold over the customer: put, seen and lifted here. */
export function Hold({ customer, kept }: { customer: number; kept: Kept }) {
  const [reason, setReason] = useState('')
  const path = `/api/customers/${customer}/hold`
  const put = useWrite(() => api.put(path, { reason }), { quiet: true })
  const lift = useWrite(() => api.delete(path))
  const ask = async () => {
    const text = t('The customer can be erased again, and what is past its age goes in the next night.')
    if (await confirm({ title: t('Lift the legal hold?'), text, action: t('Lift the hold') })) lift.mutate(undefined)
  }
  return (
    <Section title={t('Legal hold')}>
      <Stack gap="sm">
        {kept.everybody_held && (
          <Alert color="yellow">{t('A legal hold is in force for everybody: nothing is erased or deleted by age.')}</Alert>
        )}
        {kept.hold ? (
          <>
            <Text>{kept.hold.reason}</Text>
            <Text size="sm" c="dimmed">
              {t('Put by {{who}}', { who: kept.hold.by })}, <DateTime value={kept.hold.at} />.{' '}
              {t('Nothing of this customer is erased or deleted by age.')}
            </Text>
            <Group>
              <Button variant="default" loading={lift.isPending} onClick={() => void ask()}>
                {t('Lift the hold')}
              </Button>
            </Group>
          </>
        ) : (
          <form
            onSubmit={(event) => {
              event.preventDefault()
              put.mutate(undefined)
            }}
          >
            <Group align="end" gap="xs">
              <TextInput
                flex={1}
                miw={220}
                required
                maxLength={250}
                label={t('Reason')}
                description={t('While it lasts nothing of this customer is erased or deleted by age.')}
                placeholder={t('Number of the case')}
                value={reason}
                onChange={(event) => setReason(event.currentTarget.value)}
                error={put.error instanceof ApiProblem ? (put.error.fields.reason ?? put.error.message) : undefined}
              />
              <Button type="submit" variant="default" loading={put.isPending}>
                {t('Put on hold')}
              </Button>
            </Group>
          </form>
        )}
      </Stack>
    </Section>
  )
}
