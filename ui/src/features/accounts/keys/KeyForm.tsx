import { Button, Checkbox, Group, Modal, MultiSelect, Radio, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useMutation, useQuery } from '@tanstack/react-query'
import { ApiProblem, api } from '@/lib/client'
import { t } from '@/lib/i18n'
import { useSession } from '@/lib/session'
import { SecretReveal } from '@/ui/SecretReveal'
import { expiry } from '../model'
import { permissionsQuery } from '../queries'

type Props = { onClose: () => void; onMade: () => void }
type Made = { secret: string }

/** Makes a key and shows its secret, once. */
export function KeyForm({ onClose, onMade }: Props) {
  const mine = useSession().permissions
  const catalogue = useQuery(permissionsQuery).data
  const form = useForm({
    initialValues: { name: '', kind: 'server', scopes: ['events:write'], grants: [] as string[], days: '' },
  })
  const make = useMutation({
    mutationFn: ({ name, kind, scopes, grants, days }: typeof form.values) =>
      api.post<Made>('/api/keys', {
        name,
        kind,
        scopes: kind === 'service' ? [] : scopes,
        grants: kind === 'service' ? Object.fromEntries(grants.map((key) => [key, 'all'])) : {},
        expires_at: expiry(days, Date.now()),
      }),
    onSuccess: onMade,
    onError: (error) => error instanceof ApiProblem && form.setErrors(error.fields),
  })
  if (make.data)
    return (
      <Modal opened onClose={onClose} title={t('The new key')} closeOnClickOutside={false}>
        <Stack>
          <SecretReveal label={t('Secret')} value={make.data.secret} />
          <Group justify="flex-end">
            <Button onClick={onClose}>{t('Done')}</Button>
          </Group>
        </Stack>
      </Modal>
    )
  const granted = catalogue?.items.filter(({ key }) => mine[key] === 'all') ?? []
  return (
    <Modal opened onClose={onClose} title={t('New key')}>
      <form onSubmit={form.onSubmit((values) => make.mutate(values))}>
        <Stack gap="sm">
          <TextInput
            label={t('Name')}
            description={t('What uses it: “Shop”, “Data team”.')}
            required
            maxLength={80}
            data-autofocus
            {...form.getInputProps('name')}
          />
          <Radio.Group label={t('For')} {...form.getInputProps('kind')}>
            <Stack gap={6} mt={6}>
              <Radio value="server" label={t('A server of yours: sends events, looks up customers')} />
              <Radio value="browser" label={t('A site or app: public, reads only whom your server vouches for')} />
              <Radio value="service" label={t('A program that uses this API like a person')} />
            </Stack>
          </Radio.Group>
          {form.values.kind === 'service' ? (
            <MultiSelect
              label={t('May')}
              searchable
              data={granted.map(({ key, label }) => ({ value: key, label }))}
              {...form.getInputProps('grants')}
            />
          ) : (
            <Checkbox.Group label={t('May')} {...form.getInputProps('scopes')}>
              <Stack gap={6} mt={6}>
                {Object.entries(catalogue?.scopes ?? {}).map(([scope, label]) => (
                  <Checkbox key={scope} value={scope} label={label} />
                ))}
              </Stack>
            </Checkbox.Group>
          )}
          <TextInput
            label={t('Expires after days')}
            description={t('Empty: never.')}
            inputMode="numeric"
            error={form.errors.expires_at}
            {...form.getInputProps('days')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('Cancel')}
            </Button>
            <Button type="submit" loading={make.isPending}>
              {t('Make the key')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
