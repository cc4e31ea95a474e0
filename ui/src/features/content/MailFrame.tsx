import { Box } from '@mantine/core'
import { t } from '@/lib/i18n'

type Props = { html: string; title: string; width?: number | string; height?: number | string }

/** A mail in a frame that runs nothing and goes nowhere. */
export const MailFrame = ({ html, title, width = '100%', height = '100%' }: Props) => (
  <Box
    component="iframe"
    sandbox=""
    srcDoc={html}
    title={title}
    style={{ border: 0, width, height, maxWidth: '100%', background: '#fff', colorScheme: 'light', display: 'block' }}
  />
)

/** The same, small and still: a picture of a mail. */
export const MailThumbnail = ({ html }: { html: string }) => (
  <Box h={190} style={{ overflow: 'hidden', position: 'relative', background: '#f2f4f7', borderRadius: 4 }} aria-hidden>
    <iframe
      sandbox=""
      srcDoc={html}
      tabIndex={-1}
      title={t('How it looks')}
      loading="lazy"
      style={{ border: 0, width: 640, height: 560, transform: 'scale(0.44)', transformOrigin: 'top left', pointerEvents: 'none', colorScheme: 'light' }}
    />
  </Box>
)
