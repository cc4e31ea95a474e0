import { Alert, Button } from '@mantine/core'
import { ApiProblem, sentence } from '@/lib/client'
import { t } from '@/lib/i18n'

/** Filters in the URL that the data do not know, with the way back. */
export const Refused = ({ error, onClear }: { error: unknown; onClear: () => void }) => (
  <Alert color="red" mb="md" title={t('These filters do not fit')}>
    {error instanceof ApiProblem && error.errors.length > 0 ? error.errors.map(({ message }) => message).join(' ') : sentence(error)}
    <Button variant="default" size="xs" mt="xs" display="block" onClick={onClear}>
      {t('Remove all filters')}
    </Button>
  </Alert>
)
