import { Alert, Badge, Button, Group, Paper, SegmentedControl, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { useSession } from '@/lib/session'
import { PageHeader } from '@/ui/PageHeader'
import { SaveBar } from '@/ui/SaveBar'
import { RelativeTime } from '@/ui/Time'
import { useDraft } from '@/ui/useDraft'
import { BlockList } from './BlockList'
import { BlockSettings } from './BlockSettings'
import { CodeTab } from './CodeTab'
import classes from './Editor.module.css'
import { LookSettings } from './LookSettings'
import { type Block, faultsByBlock, type Mail, type Source } from './model'
import { PersonalInput } from './PersonalInput'
import { PlainTextTab } from './PlainTextTab'
import { PreviewPane } from './PreviewPane'
import { faultsOf, type Template, usePreview, useSave, type Version } from './queries'
import { RenameTemplate } from './RenameTemplate'
import { SendTest } from './SendTest'
import { VersionsTab } from './VersionsTab'

type Props = { template: Template; current: Version; crumbs: { label: string; to: string }[] }

const mailOf = ({ subject, preheader, source }: Version): Mail => ({ subject, preheader, source })

/** The editor of one template: what it says at the top, blocks, preview and settings beside each other. */
export function Editor({ template, current, crumbs }: Props) {
  const { organisation } = useSession()
  const draft = useDraft<Mail>({ key: `content:${template.id}`, initial: mailOf(current) })
  const mail = draft.value
  const [tab, setTab] = useState<string>('design')
  const [selected, setSelected] = useState<string | null>(null)
  const [customer, setCustomer] = useState<number | null>(null)
  const [shown] = useDebouncedValue(mail, 350)
  const preview = usePreview(shown, template.purpose, customer)
  const [good, setGood] = useState(preview.data)
  if (preview.data && preview.data !== good) setGood(preview.data)
  const save = useSave(template.id)
  const faults = { ...faultsOf(preview.error), ...(shown === mail ? faultsOf(save.error) : {}) }
  const isReadOnly = !template.may_manage || template.archived

  const change = (part: Partial<Mail>) => {
    save.reset()
    draft.set({ ...mail, ...part })
  }
  const setSource = (source: Source) => change({ source })
  const submit = () =>
    save.mutate(
      { ...mail, base: current.number },
      {
        onSuccess: (version) => {
          draft.saved()
          notifications.show({ color: 'green', message: t('Saved as version {{number}}', { number: version.number }) })
        },
      },
    )

  const isBlocks = mail.source.mode === 'blocks'
  const tabs = [
    { value: 'design', label: isBlocks ? t('Design') : t('Code') },
    { value: 'text', label: t('Plain text') },
    ...(isBlocks ? [{ value: 'code', label: t('Code') }] : []),
    { value: 'versions', label: t('Versions') },
  ]
  const pane = (
    <PreviewPane preview={good} loading={preview.isFetching} faults={faults} customer={customer} onCustomer={setCustomer} from={organisation.name} />
  )
  const code = <CodeTab source={mail.source} mjml={good?.mjml ?? ''} onChange={setSource} disabled={isReadOnly} />
  return (
    <>
      <PageHeader
        title={template.name}
        breadcrumbs={crumbs}
        sub={
          <Group gap="xs">
            {t('Version {{number}}', { number: current.number })} · <RelativeTime value={current.created_at} />
            {template.purpose !== 'marketing' && <Badge variant="default">{t('Service mail')}</Badge>}
            {template.archived && <Badge color="gray">{t('Archived')}</Badge>}
          </Group>
        }
        actions={
          <>
            {!isReadOnly && <RenameTemplate template={template} />}
            <SendTest versionId={current.id} number={current.number} customer={customer} dirty={draft.dirty} />
          </>
        }
      />
      <Stack gap="md">
        {!template.may_manage && (
          <Alert color="gray" variant="light">
            {t('You may look at this template, not change it. Duplicate it to have your own.')}
          </Alert>
        )}
        {draft.restored && draft.dirty && (
          <Alert color="blue" variant="light" title={t('Your draft is back')}>
            <Group justify="space-between" gap="xs">
              <Text size="sm">{draft.outdated ? t('It began from an older version: saving is refused until you discard it.') : t('You left it unsaved on this device.')}</Text>
              <Button size="xs" variant="default" onClick={draft.discard}>
                {t('Discard draft')}
              </Button>
            </Group>
          </Alert>
        )}
        <Paper withBorder p="sm">
          <Group gap="md" align="flex-start" grow preventGrowOverflow={false}>
            <PersonalInput label={t('Subject')} value={mail.subject} onChange={(subject) => change({ subject })} maxLength={250} error={faults.subject} disabled={isReadOnly} required />
            <PersonalInput label={t('Preheader')} value={mail.preheader} onChange={(preheader) => change({ preheader })} maxLength={250} error={faults.preheader} disabled={isReadOnly} placeholder={t('The words beside the subject in the inbox')} />
          </Group>
        </Paper>
        <SegmentedControl data={tabs} value={tab} onChange={setTab} aria-label={t('Part of the template')} style={{ alignSelf: 'flex-start' }} />
        {tab === 'design' && mail.source.mode === 'blocks' && (
          <Design mail={mail} source={mail.source} setSource={setSource} selected={selected} setSelected={setSelected} faults={faults} organisation={organisation.name} disabled={isReadOnly}>
            {pane}
          </Design>
        )}
        {(tab === 'code' || (tab === 'design' && !isBlocks)) && (
          <div className={classes.two}>
            <div className={classes.edit}>{code}</div>
            {pane}
          </div>
        )}
        {tab === 'text' && (
          <div className={classes.two}>
            <div className={classes.edit}>
              <PlainTextTab text={mail.source.text} generated={good?.generated_text ?? ''} onChange={(text) => setSource({ ...mail.source, text })} disabled={isReadOnly} />
            </div>
            {pane}
          </div>
        )}
        {tab === 'versions' && <VersionsTab template={template} dirty={draft.dirty} />}
      </Stack>
      <SaveBar
        dirty={draft.dirty && !isReadOnly}
        saving={save.isPending}
        onSave={submit}
        onDiscard={draft.discard}
        draftAt={draft.draftAt}
        reason={Object.values(faults)[0]}
        label={t('Save as version {{number}}', { number: current.number + 1 })}
      />
    </>
  )
}

type DesignProps = {
  mail: Mail
  source: Extract<Source, { mode: 'blocks' }>
  setSource: (source: Source) => void
  selected: string | null
  setSelected: (id: string | null) => void
  faults: Record<string, string>
  organisation: string
  disabled: boolean
  children: React.ReactNode
}

function Design({ source, setSource, selected, setSelected, faults, organisation, disabled, children }: DesignProps) {
  const block = source.blocks.find(({ id }) => id === selected)
  const replace = (next: Block) => setSource({ ...source, blocks: source.blocks.map((old) => (old.id === next.id ? next : old)) })
  return (
    <div className={classes.design}>
      <BlockList
        blocks={source.blocks}
        onChange={(blocks) => setSource({ ...source, blocks })}
        selected={selected}
        onSelect={setSelected}
        faults={faultsByBlock(faults)}
        organisation={organisation}
        disabled={disabled}
      />
      {children}
      <Paper withBorder p="sm" className={classes.settings} component="section" aria-label={t('Settings')}>
        {block ? (
          <>
            <BlockSettings key={block.id} block={block} onChange={replace} disabled={disabled} />
            <Button variant="subtle" size="compact-sm" mt="sm" onClick={() => setSelected(null)}>
              {t('Look of the whole mail')}
            </Button>
          </>
        ) : (
          <LookSettings look={source.look} onChange={(look) => setSource({ ...source, look })} disabled={disabled} />
        )}
      </Paper>
    </div>
  )
}
