import { Alert, Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { t } from '@/lib/i18n'
import { confirm } from '@/ui/confirm'
import type { Source } from './model'

const CodeEditor = lazy(() => import('./CodeEditor').then((module) => ({ default: module.CodeEditor })))

type Props = { source: Source; mjml: string; onChange: (source: Source) => void; disabled: boolean }

/** The MJML of the mail; blocks can be left for code, never the other way. */
export function CodeTab({ source, mjml, onChange, disabled }: Props) {
  const isCode = source.mode === 'code'
  const detach = async () => {
    const isSure = await confirm({
      title: t('Go on in code?'),
      text: t('The template becomes MJML that you write yourself. It cannot go back to blocks; versions saved before keep theirs.'),
      action: t('Go on in code'),
    })
    if (isSure) onChange({ mode: 'code', mjml: indented(mjml), text: source.text })
  }
  return (
    <Stack gap="xs">
      {!isCode && (
        <Alert variant="light" color="gray">
          <Group justify="space-between" gap="xs">
            <Text size="sm">{t('This is what the blocks make.')}</Text>
            <Button size="xs" variant="default" onClick={() => void detach()} disabled={disabled || !mjml}>
              {t('Edit as code…')}
            </Button>
          </Group>
        </Alert>
      )}
      <Suspense fallback={<Skeleton h={420} />}>
        <CodeEditor
          label={t('MJML')}
          value={isCode ? source.mjml : indented(mjml)}
          readOnly={!isCode || disabled}
          onChange={(value) => isCode && onChange({ ...source, mjml: value })}
        />
      </Suspense>
    </Stack>
  )
}

/** One structural tag a line. */
export function indented(mjml: string): string {
  let depth = 0
  return mjml
    .replace(/(<\/?(?:mjml|mj-(?!text|button|title|preview|style|raw)[\w-]+)[^>]*>|<mj-(?:text|button|raw|preview|style)[\s>])/g, '\n$1')
    .split('\n')
    .filter((line) => line.trim())
    .map((line) => {
      if (line.startsWith('</')) depth = Math.max(0, depth - 1)
      const out = '  '.repeat(depth) + line.trim()
      if (/^<(?:mjml|mj-(?:head|body|section|column|group|wrapper|attributes|hero))\b(?![^>]*\/>)/.test(line)) depth += 1
      return out
    })
    .join('\n')
}
