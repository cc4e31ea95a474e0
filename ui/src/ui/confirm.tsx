import { Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import type { ReactNode } from 'react'
import { t } from '@/lib/i18n'
import { formatNumber } from '@/lib/numbers'

type Question = {
  title: string
  /** What will happen, and whether it can be undone. */
  text: ReactNode
  /** The verb on the button; with a count it reads "Send to 12,480 people". */
  action: string
  count?: number
  things?: string
  danger?: boolean
}

let shown: () => void
const canShow = new Promise<void>((resolve) => {
  shown = resolve
})

/** Said by whoever renders the dialogs once they can appear: a question that was asked before waits for it. */
export const dialogsAreThere = () => shown()

/** Asks before something that matters; resolves to whether the person said yes. */
export async function confirm({ title, text, action, count, things = '', danger }: Question): Promise<boolean> {
  const label = count == null ? action : `${action} ${formatNumber(count)} ${things}`.trim()
  await canShow
  return new Promise((resolve) =>
    modals.openConfirmModal({
      title: (
        <Text component="span" fw={600} fz="lg">
          {title}
        </Text>
      ),
      children: <Text component="div">{text}</Text>,
      labels: { confirm: label, cancel: t('Cancel') },
      confirmProps: { color: danger ? 'red.8' : undefined },
      onConfirm: () => resolve(true),
      onClose: () => resolve(false),
    }),
  )
}
