import '@mantine/notifications/styles.layer.css'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'
import { useEffect } from 'react'
import { dialogsAreThere } from '@/ui/confirm'

/** Where notifications and dialogs appear, on every page but the sign-in; loaded after it. */
export function Overlays() {
  useEffect(dialogsAreThere, [])
  return (
    <>
      <Notifications position="bottom-right" />
      <ModalsProvider>{null}</ModalsProvider>
    </>
  )
}
