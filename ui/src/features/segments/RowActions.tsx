import { ActionIcon, Group, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { t } from '@/lib/i18n'
import { useCan } from '@/lib/session'
import { canOrWhy, type SegmentRow } from './model'
import { VerbItem } from './VerbItem'
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
          {!archived && canOrWhy(allowed, 'edit') && (
            <VerbItem label={t('Edit')} reason={allowed.reasons.edit} to={`/segments/${id}/edit`} />
          )}
          {canOrWhy(allowed, 'duplicate') && (
            <VerbItem label={t('Duplicate')} reason={allowed.reasons.duplicate} onClick={() => void verbs.duplicate()} />
          )}
          {canSend && !archived && <VerbItem label={t('Send campaign')} reason={reason} onClick={() => send(true)} />}
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
