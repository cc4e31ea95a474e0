import { ActionIcon, Group, Menu, Text } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { t } from '@/lib/i18n'
import { useCan } from '@/lib/session'
import type { SegmentRow } from './model'
import { useVerbs } from './verbs'

const SendCampaign = lazy(() => import('./SendCampaign').then((part) => ({ default: part.SendCampaign })))

/** What can be done with one segment of the list. */
export function RowActions({ row }: { row: SegmentRow }) {
  const { id, name, archived, allowed, reason } = row
  const verbs = useVerbs(row)
  const [isSending, send] = useState(false)
  const canSend = useCan('campaigns_manage')
  return (
    <Group onClick={(event) => event.stopPropagation()} onKeyDown={(event) => event.stopPropagation()}>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={t('Actions for {{name}}', { name })}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} to={`/segments/${id}`}>
            {t('View details')}
          </Menu.Item>
          {allowed.edit && !archived && (
            <Menu.Item component={Link} to={`/segments/${id}/edit`}>
              {t('Edit')}
            </Menu.Item>
          )}
          {allowed.duplicate && <Menu.Item onClick={() => void verbs.duplicate()}>{t('Duplicate')}</Menu.Item>}
          {canSend && !archived && <SendItem reason={reason} onSend={() => send(true)} />}
          {allowed.archive && (
            <Menu.Item onClick={() => void verbs.archive()}>{archived ? t('Unarchive') : t('Archive')}</Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {isSending && (
        <Suspense>
          <SendCampaign id={id} opened onClose={() => send(false)} />
        </Suspense>
      )}
    </Group>
  )
}

/** A menu entry that stays reachable while it cannot be used, with the reason under it. */
const SendItem = ({ reason, onSend }: { reason: string; onSend: () => void }) => (
  <Menu.Item
    aria-disabled={reason ? true : undefined}
    closeMenuOnClick={!reason}
    onClick={reason ? undefined : onSend}
    c={reason ? 'dimmed' : undefined}
    style={reason ? { cursor: 'not-allowed' } : undefined}
  >
    {t('Send campaign')}
    {reason && (
      <Text size="xs" maw={240}>
        {reason}
      </Text>
    )}
  </Menu.Item>
)
