import { Button, Menu } from '@mantine/core'
import { IconDots, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'
import { confirm } from '@/ui/confirm'
import { DisabledTip } from '@/ui/DisabledTip'
import { type Campaign, reasonAgainst } from './model'
import { useVerb } from './queries'

/** Pause, resume, cancel, duplicate. */
export function Verbs({ campaign, open, planned }: { campaign: Campaign; open: number; planned: number }) {
  const navigate = useNavigate()
  const verb = useVerb(campaign.id)
  const against = reasonAgainst(!!campaign.may.launch)
  const isActive = ['scheduled', 'running', 'paused'].includes(campaign.status)
  const left = planned ? t('{{open}} of {{planned}} are still to be sent.', { open: formatNumber(open), planned: formatNumber(planned) }) : ''
  const pause = async () => {
    const text = `${left} ${t('They wait until you resume; nobody is sent to twice.')}`
    if (await confirm({ title: t('Pause this campaign?'), text, action: t('Pause') })) verb.mutate({ verb: 'pause' })
  }
  const cancel = async () => {
    const text = `${left} ${t('They never get it. This cannot be undone; what has been handed over cannot be called back.')}`
    const question = { title: t('Cancel this campaign?'), text, action: t('Cancel the campaign'), danger: true }
    if (await confirm(question)) verb.mutate({ verb: 'cancel' })
  }
  const duplicate = async () => {
    const { id } = await verb.mutateAsync({ verb: 'duplicate' })
    await navigate({ to: '/campaigns/$id', params: { id } })
  }
  return (
    <>
      {campaign.status === 'paused' ? (
        <DisabledTip reason={against}>
          <Button leftSection={<IconPlayerPlay size={16} />} onClick={() => verb.mutate({ verb: 'resume' })} loading={verb.isPending}>
            {t('Resume')}
          </Button>
        </DisabledTip>
      ) : (
        isActive && (
          <DisabledTip reason={against}>
            <Button variant="default" leftSection={<IconPlayerPause size={16} />} onClick={() => void pause()} loading={verb.isPending}>
              {t('Pause')}
            </Button>
          </DisabledTip>
        )
      )}
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button variant="default" rightSection={<IconDots size={16} />}>
            {t('More')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void duplicate()}>{t('Duplicate')}</Menu.Item>
          {isActive && !against && (
            <Menu.Item color="red" onClick={() => void cancel()}>
              {t('Cancel the campaign')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </>
  )
}
