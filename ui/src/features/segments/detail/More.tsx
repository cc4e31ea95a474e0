import { Button, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { useCan } from '@/lib/session'
import { ExportJob } from '@/ui/ExportJob'
import { useMemberExport } from '../compare/queries'
import { canOrWhy, type Segment } from '../model'
import { VerbItem } from '../VerbItem'
import { useVerbs } from '../verbs'

/** What else can be done with a segment. */
export function More({ segment }: { segment: Segment }) {
  const { id, archived, allowed, version } = segment
  const verbs = useVerbs(segment)
  const mayExport = useCan('customers_export') && !!version
  const start = useMemberExport()
  const [job, setJob] = useState<string | null>(null)
  const send = (format: 'csv' | 'xlsx') =>
    start.mutate({ inside: [id], outside: [], join: 'and', format }, { onSuccess: (made) => setJob(made.job) })
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={14} />} loading={start.isPending}>
            {t('More')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {!archived && canOrWhy(allowed, 'edit') && (
            <VerbItem label={t('Edit')} reason={allowed.reasons.edit} to={`/segments/${id}/edit`} />
          )}
          {canOrWhy(allowed, 'duplicate') && (
            <VerbItem label={t('Duplicate')} reason={allowed.reasons.duplicate} onClick={() => void verbs.duplicate()} />
          )}
          {!archived && (
            <Menu.Item component={Link} to={`/segments/compare?ids=${id}`}>
              {t('Compare')}
            </Menu.Item>
          )}
          {mayExport && (
            <>
              <Menu.Item onClick={() => send('csv')}>{t('Export members as CSV')}</Menu.Item>
              <Menu.Item onClick={() => send('xlsx')}>{t('Export members as Excel')}</Menu.Item>
            </>
          )}
          {!archived && canOrWhy(allowed, 'recalculate') && (
            <VerbItem label={t('Recalculate now')} reason={allowed.reasons.recalculate} onClick={verbs.recalculate} />
          )}
          {allowed.archive && (
            <Menu.Item onClick={() => void verbs.archive()}>{archived ? t('Unarchive') : t('Archive')}</Menu.Item>
          )}
          {allowed.archive && archived && (
            <Menu.Item color="red" onClick={() => void verbs.remove()}>
              {t('Delete')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <ExportJob job={job} onClose={() => setJob(null)} />
    </>
  )
}
