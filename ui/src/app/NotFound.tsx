import { Button } from '@mantine/core'
import { IconMapOff } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { EmptyState } from '@/ui/EmptyState'

export const NotFound = () => (
  <EmptyState
    page
    icon={IconMapOff}
    title={t('There is no page here')}
    action={
      <Button component={Link} to="/">
        {t('Go to Home')}
      </Button>
    }
  >
    {t('The address may be mistyped, or what it showed has been removed.')}
  </EmptyState>
)
