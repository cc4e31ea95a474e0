import { Alert, Button, Divider, Drawer, Group, NumberInput, Select, Skeleton, Stack, Switch, Text, TextInput } from '@mantine/core'
import { IconCircleCheck, IconPlugConnectedX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem, sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { configErrors, fieldsOf, startOf, toSend } from '../model'
import { type Provider, providersQuery, type Sender, senderQuery, type SenderValues, useSaveSender, useTry } from '../queries'
import { SchemaFields } from './SchemaFields'

type Props = { id: string | null; onClose: () => void }

/** Adds a sender, or changes one. */
export function SenderForm({ id, onClose }: Props) {
  const providers = useQuery(providersQuery)
  const sender = useQuery({ ...senderQuery(id ?? ''), enabled: id !== null })
  const ready = providers.data && (id === null || sender.data)
  return (
    <Drawer opened onClose={onClose} position="right" size="lg" title={id ? t('Sender') : t('New sender')}>
      {ready ? (
        <Form key={id} sender={sender.data} providers={providers.data} onClose={onClose} />
      ) : (
        <Skeleton height={320} role="status" aria-label={t('Loading')} />
      )}
    </Drawer>
  )
}

const EMPTY = { name: '', from_name: '', from_address: '', reply_to: '', rate_per_second: 0, burst: 100, default: false }

function Form({ sender, providers, onClose }: { sender?: Sender; providers: Provider[]; onClose: () => void }) {
  const [provider, setProvider] = useState(sender?.provider ?? providers[0]?.key ?? '')
  const schema = providers.find(({ key }) => key === provider)?.config_schema ?? {}
  const fields = fieldsOf(schema)
  const [values, setValues] = useState(() => {
    const { name, from_name, from_address, reply_to, rate_per_second, burst, default: first } = sender ?? EMPTY
    return { name, from_name, from_address, reply_to, rate_per_second, burst, default: first }
  })
  const [config, setConfig] = useState(() => startOf(schema, sender?.config))
  const save = useSaveSender(sender?.id ?? null)
  const attempt = useTry()
  const problem = save.error instanceof ApiProblem ? save.error : null
  const errors = problem?.fields ?? {}
  const set = (change: Partial<SenderValues>) => setValues((old) => ({ ...old, ...change }))
  const text = (key: 'name' | 'from_name' | 'from_address' | 'reply_to', label: string, description?: string) => (
    <TextInput
      label={label}
      description={description}
      required={key !== 'reply_to'}
      error={errors[key]}
      value={values[key]}
      onChange={(event) => set({ [key]: event.currentTarget.value })}
    />
  )
  const submit = () => save.mutate({ ...values, provider, config: toSend(fields, config) }, { onSuccess: onClose })
  const tryOut = () => attempt.mutate({ sender_id: sender?.id ?? null, provider, config: toSend(fields, config) })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Stack gap="sm">
        {text('name', t('Name'), t('What your team calls it.'))}
        {text('from_name', t('From'), t('The name people see.'))}
        {text('from_address', t('From address'))}
        {text('reply_to', t('Answers go to'), t('Empty: to the from address.'))}
        <Group grow align="flex-start">
          <NumberInput
            label={t('Messages a second')}
            description={t('0: as fast as the provider takes them.')}
            min={0}
            error={errors.rate_per_second}
            value={values.rate_per_second}
            onChange={(next) => set({ rate_per_second: Number(next) || 0 })}
          />
          <NumberInput
            label={t('Burst size')}
            description={t('After a pause, before the rate holds.')}
            min={1}
            error={errors.burst}
            value={values.burst}
            onChange={(next) => set({ burst: Number(next) || 1 })}
          />
        </Group>
        {sender?.default ? (
          <Text size="sm">{t('It is used where no other is chosen; to change that, choose another one for it.')}</Text>
        ) : (
          <Switch
            label={t('Use it where no other is chosen')}
            checked={values.default}
            onChange={(event) => set({ default: event.currentTarget.checked })}
          />
        )}
        <Divider label={t('Provider')} labelPosition="left" />
        {!sender && providers.length > 1 && (
          <Select
            label={t('Provider')}
            allowDeselect={false}
            data={providers.map(({ key, label }) => ({ value: key, label }))}
            value={provider}
            onChange={(next) => {
              if (!next) return
              setProvider(next)
              setConfig(startOf(providers.find(({ key }) => key === next)?.config_schema ?? {}))
            }}
          />
        )}
        <SchemaFields
          fields={fields}
          values={config}
          errors={{ ...configErrors(errors), ...(attempt.error instanceof ApiProblem ? configErrors(attempt.error.fields) : {}) }}
          kept={sender?.secrets_set ?? []}
          onChange={(key, value) => setConfig((old) => ({ ...old, [key]: value }))}
        />
        {attempt.data && (
          <Alert
            role="status"
            color={attempt.data.ok ? 'green' : 'red'}
            icon={attempt.data.ok ? <IconCircleCheck size={18} /> : <IconPlugConnectedX size={18} />}
            title={attempt.data.ok ? t('It works') : t('It does not work')}
            styles={{ title: { color: 'var(--mantine-color-text)' } }}
          >
            {attempt.data.detail}
          </Alert>
        )}
        {(save.error ?? attempt.error) && <Alert color="red">{sentence(save.error ?? attempt.error)}</Alert>}
        <Group justify="space-between">
          <Button variant="default" onClick={tryOut} loading={attempt.isPending}>
            {t('Test connection')}
          </Button>
          <Group gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('Cancel')}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {sender ? t('Save') : t('Add sender')}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  )
}
