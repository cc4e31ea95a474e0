import { Alert, Button, Group, Modal, Stack } from '@mantine/core'
import { formatDateTime } from '@/lib/dates'
import { t } from '@/lib/i18n'
import { SecretReveal } from '@/ui/SecretReveal'
import type { Link } from '../queries'

type Props = { name: string; link: Link | null; password: string | null; onClose: () => void }

/** The one way in for a user, shown once. */
export const Handover = ({ name, link, password, onClose }: Props) => (
  <Modal opened onClose={onClose} title={t('Access for {{name}}', { name })} closeOnClickOutside={false}>
    <Stack gap="sm">
      {link?.mailed && <Alert color="green">{t('The link is on its way by mail. It works once.')}</Alert>}
      {link && !link.mailed && (
        <SecretReveal
          label={t('Link to set a password')}
          value={link.url}
          warning={t('Give it only to {{name}}: it works once, until {{until}}, and is not shown again.', {
            name,
            until: formatDateTime(link.expires_at),
          })}
        />
      )}
      {password && (
        <SecretReveal
          label={t('One-time password')}
          value={password}
          warning={t('Give it only to {{name}}, who must change it when signing in. It is not shown again.', { name })}
        />
      )}
      <Group justify="flex-end">
        <Button onClick={onClose}>{t('Done')}</Button>
      </Group>
    </Stack>
  </Modal>
)
