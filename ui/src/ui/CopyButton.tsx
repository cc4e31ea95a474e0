import { ActionIcon, CopyButton as MantineCopyButton, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { t } from '@/lib/i18n'

/** Copies `value`; `label` says what that is: "Copy the key". */
export const CopyButton = ({ value, label = t('Copy') }: { value: string; label?: string }) => (
  <MantineCopyButton value={value} timeout={1500}>
    {({ copied, copy }) => (
      <Tooltip label={copied ? t('Copied') : label}>
        <ActionIcon aria-label={copied ? t('Copied') : label} onClick={copy} c={copied ? 'green.8' : undefined}>
          {copied ? <IconCheck size={16} stroke={1.6} /> : <IconCopy size={16} stroke={1.6} />}
        </ActionIcon>
      </Tooltip>
    )}
  </MantineCopyButton>
)
