import { Alert, Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { api, sentence } from '@/lib/client'
import { t } from '@/lib/i18n'
import type { Field } from '../model'
import { useRoleNames, useWrite } from '../queries'

/** Says which roles see a field: everybody, or those that are ticked. */
export function AccessForm({ field, onClose }: { field: Field; onClose: () => void }) {
  const roles = useRoleNames().data ?? []
  const [chosen, choose] = useState(field.roles)
  const [limited, limit] = useState(field.roles.length > 0)
  const save = useWrite((roles: string[]) => api.put(`/api/customers/fields/${field.key}/roles`, { roles }), { quiet: true })
  const submit = async () => {
    try {
      await save.mutateAsync(!limited ? [] : chosen.length > 0 ? chosen : ['administrator'])
      onClose()
    } catch {
      // shown above the choices
    }
  }
  return (
    <Modal opened onClose={onClose} title={t('Who may see “{{label}}”', { label: field.label })}>
      <Stack gap="sm">
        {save.error && <Alert color="red">{sentence(save.error)}</Alert>}
        <Checkbox label={t('Everybody')} checked={!limited} onChange={(e) => limit(!e.currentTarget.checked)} data-autofocus />
        {limited && (
          <Checkbox.Group label={t('Only these roles')} description={t('Administrators see every field.')} value={chosen.filter((key) => key !== 'administrator')} onChange={choose}>
            <Stack gap={6} mt="xs">
              {roles.map(({ key, name }) => <Checkbox key={key} value={key} label={name} />)}
            </Stack>
          </Checkbox.Group>
        )}
        <Text size="sm" c="dimmed">
          {t('For everybody else the field is not there: not on pages, in exports and imports, and no rule can be built on it. Segments that use it keep their members.')}
        </Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>{t('Cancel')}</Button>
          <Button loading={save.isPending} onClick={() => void submit()}>{t('Save')}</Button>
        </Group>
      </Stack>
    </Modal>
  )
}
