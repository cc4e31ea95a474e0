import { Alert, Button, Group, Loader, Modal, Radio, Stack, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { useCan } from '@/lib/session'
import { DisabledTip } from '@/ui/DisabledTip'
import { type Channel, reachOf, reachWords, type Segment } from './model'
import { useCampaign, useSegment } from './queries'

const CHANNELS: { value: Channel; label: string; hint: string }[] = [
  {
    value: 'whatsapp',
    label: t('WhatsApp'),
    hint: t('Counted are customers with a phone number or WhatsApp id and an existing chatroom.'),
  },
  { value: 'email', label: t('Email'), hint: t('Counted are customers with a valid email address.') },
]

type Props = { id: string; opened: boolean; onClose: () => void }

/** Choose a channel, see how many can be reached on it, continue in the campaign that has the segment as its audience. */
export function SendCampaign({ id, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={t('Send campaign')} centered>
      <Content id={id} onClose={onClose} />
    </Modal>
  )
}

function Content({ id, onClose }: Omit<Props, 'opened'>) {
  const { data: segment, error } = useSegment(id)
  if (error) return <Alert color="red">{sentence(error)}</Alert>
  return segment ? <Choice segment={segment} onClose={onClose} /> : <Loader />
}

function Choice({ segment, onClose }: { segment: Segment; onClose: () => void }) {
  const navigate = useNavigate()
  const canMake = useCan('campaigns_manage')
  const make = useCampaign()
  const first = CHANNELS.toReversed().find(({ value }) => reachOf(segment, value) > 0)?.value ?? 'email'
  const [channel, setChannel] = useState<Channel>(first)
  const chosen = CHANNELS.find(({ value }) => value === channel)
  const words = reachWords(segment, channel)
  const nobody =
    channel === 'whatsapp'
      ? t('None of the matched customers can be reached on WhatsApp.')
      : t('None of the matched customers have an email address.')
  const reason =
    segment.reason || (!canMake && t('Your role does not include making campaigns.')) || (!reachOf(segment, channel) && nobody)
  const go = async () => {
    const name = t('Campaign to {{name}}', { name: segment.name }).slice(0, 80)
    const { id } = await make.mutateAsync({ name, segment_id: segment.id, channel })
    onClose()
    await navigate({ to: '/campaigns/$id', params: { id }, search: { step: 'audience' } as never })
  }
  return (
    <Stack>
      <Radio.Group value={channel} onChange={(next) => setChannel(next as Channel)} label={t('Channel')}>
        <Group mt="xs" gap="xl">
          {CHANNELS.map(({ value, label }) => (
            <Radio key={value} value={value} label={label} />
          ))}
        </Group>
      </Radio.Group>
      <div role="status">
        <Text size="sm" c="dimmed">
          {t('Estimated audience')}
        </Text>
        <Text fw={600}>{words}</Text>
        <Text size="sm" c="dimmed">
          {chosen?.hint}
        </Text>
      </div>
      {channel === 'whatsapp' && (
        <Alert color="yellow" variant="light">
          {t('A WhatsApp campaign can be drafted, not sent yet: this installation is not connected to WhatsApp.')}
        </Alert>
      )}
      {reason && (
        <Text size="sm" c="var(--mantine-color-error)">
          {reason}
        </Text>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('Cancel')}
        </Button>
        <DisabledTip reason={reason}>
          <Button onClick={() => void go()} loading={make.isPending}>
            {t('Continue')}
          </Button>
        </DisabledTip>
      </Group>
    </Stack>
  )
}
