import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { IconSend } from '@tabler/icons-react'
import { useState } from 'react'
import { ApiProblem, sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import { useCan, useSession } from '@/lib/session'
import { DisabledTip } from '@/ui/DisabledTip'
import { useSendTest } from './queries'

type Props = { versionId: string; number: number; customer: number | null; dirty: boolean }

/** Sends the saved version to one address, filled with the data of the customer of the preview. */
export function SendTest({ versionId, number, customer, dirty }: Props) {
  const { user } = useSession()
  const anywhere = useCan('content_test_anywhere')
  const [opened, { open, close }] = useDisclosure()
  const [address, setAddress] = useState(user.email)
  const send = useSendTest()
  const addressError = send.error instanceof ApiProblem ? send.error.fields.address : undefined
  const submit = () =>
    send.mutate(
      { version_id: versionId, address, customer_id: customer },
      {
        onSuccess: () => {
          close()
          notifications.show({ color: 'green', message: t('A test of version {{number}} is on its way to {{address}}', { number, address }) })
        },
      },
    )
  return (
    <>
      <DisabledTip reason={dirty && t('Save first: a test shows what is saved')}>
        <Button variant="default" leftSection={<IconSend size={16} stroke={1.6} />} onClick={open}>
          {t('Send test')}
        </Button>
      </DisabledTip>
      <Modal opened={opened} onClose={close} title={t('Send a test')} closeButtonProps={{ 'aria-label': t('Close') }}>
        <form
          onSubmit={(event) => {
            event.preventDefault()
            submit()
          }}
        >
          <Stack gap="sm">
            <TextInput
              type="email"
              required
              label={t('To')}
              description={anywhere ? undefined : t('Your own address or that of another user of this installation')}
              error={addressError}
              value={address}
              onChange={(event) => setAddress(event.currentTarget.value)}
              data-autofocus
            />
            <Text size="sm" c="dimmed">
              {customer === null
                ? t('Without a customer in the preview, variables are left empty or show their fallback.')
                : t('Filled with the data of the customer in the preview.')}
            </Text>
            {send.error && !addressError && (
              <Alert color="red" variant="light">
                {sentence(send.error)}
              </Alert>
            )}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={close}>
                {t('Cancel')}
              </Button>
              <Button type="submit" loading={send.isPending}>
                {t('Send test')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  )
}
