import '@mantine/notifications/styles.layer.css'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'

/** Where notifications and dialogs appear, on every page; loaded after it. */
export const Overlays = () => (
  <>
    <Notifications position="bottom-right" />
    <ModalsProvider>{null}</ModalsProvider>
  </>
)
