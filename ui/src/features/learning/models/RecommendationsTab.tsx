import { ActionIcon, Alert, Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconArrowUp, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { ApiProblem, sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import { DisabledTip } from '@/ui/DisabledTip'
import { ErrorState } from '@/ui/ErrorState'
import { Section } from '@/ui/Section'
import { readWhen, type Row, whenWords } from './model'
import { useRecommendations, useRestoreRecommendations, useSetRecommendations } from './queries'
import { type Draft, RecommendationRow } from './RecommendationRow'

const EMPTY: Row = { when: {}, type: '', channel: 'email', offer: '', timing: '', reason: '' }
let made = 0
const drafted = (row: Row): Draft => ({ ...row, when: whenWords(row.when), id: (made += 1) })

/** The table by which each segment's campaign is recommended. */
export function RecommendationsTab({ reason }: { reason: string | null }) {
  const { data, error, refetch, dataUpdatedAt } = useRecommendations()
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (!data) return <Skeleton height={240} role="status" aria-label={t('Loading')} />
  return <Editor key={dataUpdatedAt} rows={data.rows} edited={data.edited} traits={data.traits} reason={reason} />
}

type Props = { rows: Row[]; edited: boolean; traits: string[]; reason: string | null }

function Editor({ rows, edited, traits, reason }: Props) {
  const [drafts, setDrafts] = useState(() => rows.map(drafted))
  const save = useSetRecommendations()
  const restore = useRestoreRecommendations()
  const fields = save.error instanceof ApiProblem ? save.error.fields : {}
  const read = drafts.map(({ when }) => readWhen(when))
  const unread = read.find((one) => typeof one === 'string')
  const store = () => {
    const wanted = drafts.map(({ type, channel, offer, timing, reason: why }, at) => ({ when: read[at] as Row['when'], type, channel, offer, timing, reason: why }))
    void save.mutateAsync(wanted).then(() => notifications.show({ message: t('Saved. The next training uses this table.') }), () => undefined)
  }
  const reset = async () => {
    const sure = await confirm({ title: t('Restore the table that came along?'), text: t('Your rows are removed.'), action: t('Restore'), danger: true })
    if (sure) await restore.mutateAsync(undefined).catch(() => undefined)
  }
  const up = (at: number) => setDrafts((all) => [...all.slice(0, at - 1), all[at]!, all[at - 1]!, ...all.slice(at + 1)])
  return (
    <Section
      title={t('Recommended campaigns')}
      actions={
        <>
          {edited && (
            <DisabledTip reason={reason}>
              <Button variant="default" loading={restore.isPending} onClick={() => void reset()}>
                {t('Restore default')}
              </Button>
            </DisabledTip>
          )}
          <DisabledTip reason={reason ?? unread}>
            <Button loading={save.isPending} onClick={store}>
              {t('Save table')}
            </Button>
          </DisabledTip>
        </>
      }
    >
      <Stack>
        <Text size="sm" c="dimmed">
          {t('Each segment gets the campaign of the first row whose traits all hold; a trait is compared by its size of effect (Cohen’s d against all other customers). Traits: share of NAME, {{traits}}. {top} stands for the category that stands out most. Used by trainings from now on.', { traits: traits.join(', ') })}
        </Text>
        {save.error && <Alert color="red">{sentence(save.error)}</Alert>}
        {drafts.map((draft, at) => (
          <RecommendationRow
            key={draft.id}
            number={at + 1}
            draft={draft}
            errors={{ ...Object.fromEntries(Object.entries(fields).flatMap(([key, said]) => (key.startsWith(`rows.${at}.`) ? [[key.split('.')[2]!, said]] : []))), ...(typeof read[at] === 'string' ? { when: read[at] } : {}) }}
            onChange={(next) => setDrafts((all) => all.map((one) => (one.id === next.id ? next : one)))}
            actions={
              <>
                <ActionIcon variant="subtle" aria-label={t('Move row {{number}} up', { number: at + 1 })} disabled={at === 0} onClick={() => up(at)}>
                  <IconArrowUp size={16} />
                </ActionIcon>
                <ActionIcon variant="subtle" color="red" aria-label={t('Remove row {{number}}', { number: at + 1 })} onClick={() => setDrafts((all) => all.filter(({ id }) => id !== draft.id))}>
                  <IconTrash size={16} />
                </ActionIcon>
              </>
            }
          />
        ))}
        <Group>
          <Button variant="default" onClick={() => setDrafts((all) => [...all, drafted(EMPTY)])}>
            {t('Add a row')}
          </Button>
        </Group>
      </Stack>
    </Section>
  )
}
