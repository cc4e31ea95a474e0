import { Anchor, List, Loader, Modal, Stack, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { ErrorState } from '@/ui/ErrorState'
import type { Field, Use } from '../model'
import { useFieldUses } from '../queries'

/** The segments and templates that use a field. */
export function Uses({ field, onClose }: { field: Field; onClose: () => void }) {
  const { data, error, refetch } = useFieldUses(field.key)
  return (
    <Modal opened onClose={onClose} title={t('Where “{{label}}” is used', { label: field.label })}>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <UseList uses={data} />
      ) : (
        <Loader size="sm" />
      )}
    </Modal>
  )
}

const KINDS = new Map([
  ['segment', 'Segment'],
  ['template', 'Template'],
])

/** Uses of a field, each with a link to its page where one may see it. */
export function UseList({ uses }: { uses: Use[] }) {
  if (uses.length === 0) return <Text>{t('No segment and no template uses it.')}</Text>
  return (
    <Stack gap="xs">
      <List>
        {uses.map(({ kind, name, path }, index) => (
          <List.Item key={path || index}>
            {t(KINDS.get(kind) ?? kind)}: {path ? <Anchor component={Link} to={path}>{name}</Anchor> : name}
          </List.Item>
        ))}
      </List>
    </Stack>
  )
}
