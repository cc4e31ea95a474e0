import { Alert, Badge, Group, List, Loader, Paper, SegmentedControl, Stack, Text, VisuallyHidden } from '@mantine/core'
import { IconDeviceDesktop, IconDeviceMobile, IconFileText } from '@tabler/icons-react'
import { useState } from 'react'
import { t } from '@/lib/i18n'
import { CustomerSelect } from './CustomerSelect'
import classes from './Editor.module.css'
import { MailFrame } from './MailFrame'
import type { Preview } from './queries'

type Props = {
  preview: Preview | undefined
  loading: boolean
  faults: Record<string, string>
  customer: number | null
  onCustomer: (id: number | null) => void
  from: string
}
const VIEWS = [
  { value: 'desktop', label: t('Desktop'), icon: IconDeviceDesktop },
  { value: 'phone', label: t('Phone'), icon: IconDeviceMobile },
  { value: 'text', label: t('Plain text'), icon: IconFileText },
]

/** The mail as a customer would get it, with what is wrong or missing above it. */
export function PreviewPane({ preview, loading, faults, customer, onCustomer, from }: Props) {
  const [view, setView] = useState('desktop')
  const messages = [...new Set(Object.values(faults))]
  return (
    <Stack gap="xs" className={classes.preview} component="section" aria-label={t('Preview')}>
      <Group gap="xs" justify="space-between">
        <CustomerSelect value={customer} onChange={onCustomer} />
        <Group gap="xs">
          {loading && <Loader size="xs" aria-label={t('Refreshing')} />}
          <SegmentedControl
            size="xs"
            aria-label={t('Show as')}
            value={view}
            onChange={setView}
            data={VIEWS.map(({ value, label, icon: Icon }) => ({
              value,
              label: (
                <Group gap={4} wrap="nowrap" title={label}>
                  <Icon size={16} stroke={1.6} aria-hidden />
                  <VisuallyHidden>{label}</VisuallyHidden>
                </Group>
              ),
            }))}
          />
        </Group>
      </Group>
      {messages.length > 0 && (
        <Alert color="red" variant="light" title={t('This cannot be saved yet')} role="status">
          <List size="sm">
            {messages.slice(0, 6).map((message) => (
              <List.Item key={message}>{message}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {preview?.failure && (
        <Alert color="red" variant="light" title={t('This customer’s mail cannot be made')}>
          {preview.failure}
        </Alert>
      )}
      {preview && (
        <Paper withBorder px="sm" py={6}>
          <Text size="xs" c="dimmed">
            {from}
          </Text>
          <Text fw={600} truncate>
            {preview.subject}
          </Text>
          {preview.missing.length > 0 && (
            <Group gap={4} mt={4}>
              <Text size="xs" c="dimmed">
                {customer === null ? t('Variables:') : t('Empty for this customer:')}
              </Text>
              {preview.missing.map((path) => (
                <Badge key={path} variant="default" tt="none" fw={500}>
                  {path.replace('customer.', '')}
                </Badge>
              ))}
            </Group>
          )}
        </Paper>
      )}
      <div className={classes.frame}>
        {preview &&
          (view === 'text' ? (
            <textarea className={classes.plain} readOnly value={preview.text} aria-label={t('Plain text of the mail')} />
          ) : (
            <MailFrame html={preview.html} title={t('The mail')} width={view === 'phone' ? 390 : '100%'} />
          ))}
      </div>
      {preview && preview.warnings.length > 0 && (
        <details>
          <Text component="summary" size="sm" c="dimmed">
            {t('{{count}} hints', { count: preview.warnings.length })}
          </Text>
          <List size="sm" c="dimmed" mt={4}>
            {preview.warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </details>
      )}
    </Stack>
  )
}
