import { Alert, Button, Group, Modal, Select, Stack, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { CHANNELS } from './model'
import { useRecord } from './queries'

type Props = { customer: number; verb: 'grant' | 'withdraw'; onClose: () => void }

/** Asks for what is recorded: on which channel, where it was said, and the evidence. */
export function RecordConsent({ customer, verb, onClose }: Props) {
  const [channel, setChannel] = useState('email')
  const [source, setSource] = useState('')
  const [note, setNote] = useState('')
  const record = useRecord(customer, verb)
  const gives = verb === 'grant'
  return (
    <Modal opened onClose={onClose} title={gives ? t('Record that consent was given') : t('Record that consent was taken back')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          record.mutate({ channel, source, note }, { onSuccess: onClose })
        }}
      >
        <Stack gap="sm">
          <Select
            label={t('Channel')}
            allowDeselect={false}
            data={CHANNELS.map(({ value, label }) => ({ value, label: t(label) }))}
            value={channel}
            onChange={(next) => next && setChannel(next)}
          />
          <TextInput
            label={t('Where was it said?')}
            placeholder={t('Form, call, shop, letter …')}
            required
            maxLength={60}
            data-autofocus
            value={source}
            onChange={(event) => setSource(event.currentTarget.value)}
          />
          <Textarea
            label={t('Evidence')}
            description={t('What shows it: the form and its date, who took the call, the document.')}
            required={gives}
            autosize
            minRows={2}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
          {!gives && (
            <Alert color="yellow">
              {t('Nothing is sent on this channel any more, and what is planned for this customer ends at once.')}
            </Alert>
          )}
          {record.error && <Alert color="red">{sentence(record.error)}</Alert>}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('Cancel')}
            </Button>
            <Button type="submit" color={gives ? undefined : 'red'} loading={record.isPending}>
              {t('Record')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
