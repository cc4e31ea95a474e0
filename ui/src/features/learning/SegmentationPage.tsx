import { Box, Button, Skeleton, Stack, Text } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ApiProblem } from '@/lib/client'
import { t } from '@/lib/i18n'
import { useLevel } from '@/lib/session'
import { EmptyState } from '@/ui/EmptyState'
import { ErrorState } from '@/ui/ErrorState'
import { PageHeader } from '@/ui/PageHeader'
import { DateTime } from '@/ui/Time'
import { formatNumber } from '@/lib/numbers'
import { Cards } from './Cards'
import { Charts } from './Charts'
import { FilterPanel } from './FilterPanel'
import { type Filters } from './filters'
import type { Dashboard } from './model'
import { useDashboard } from './queries'
import { Refused } from './Refused'
import { NothingYet, StateNote } from './States'

/** /segmentation: every discovered segment, narrowed by the filters in the URL. */
export function SegmentationPage() {
  const filters = useSearch({ from: '/segmentation' })
  const navigate = useNavigate({ from: '/segmentation' })
  const { data, error, refetch, isPlaceholderData } = useDashboard(filters)
  const narrow = (next: Filters) => void navigate({ search: next, resetScroll: false })
  const refused = error instanceof ApiProblem && error.status === 422
  if (refused && !data)
    return (
      <>
        <PageHeader title={t('Segmentation')} />
        <Refused error={error} onClear={() => narrow({})} />
      </>
    )
  if (error && !data) return <ErrorState page error={error} onRetry={() => void refetch()} />
  return (
    <>
      <PageHeader
        title={t('Segmentation')}
        sub={data ? <Facts found={data} /> : <Skeleton h={16} w={320} />}
        actions={data && data.cards.length > 0 && <Links filters={filters} />}
      />
      {refused && <Refused error={error} onClear={() => narrow({})} />}
      {data ? <Body found={data} filters={filters} stale={isPlaceholderData} narrow={narrow} /> : <Skeleton h={480} />}
    </>
  )
}

/** Which model, when and on what it was trained, how fresh the data are, and whether a simple model does as well. */
function Facts({ found: { model, as_of } }: { found: Dashboard }) {
  if (!model) return null
  const { verdict } = model
  return (
    <Stack gap={2}>
      <span>
        {t('Model v{{version}} · trained', { version: model.version })} <DateTime value={model.trained_at} />{' '}
        {t('on {{count, number}} customers', { count: model.trained_on })}
        {as_of && (
          <>
            {' · '}
            {t('data as of')} <DateTime value={as_of} />
          </>
        )}
      </span>
      {verdict && (
        <span>
          {t('Neural {{neural}} {{yardstick}} · simple {{simple}}:', {
            neural: verdict.neural.toFixed(2), simple: verdict.simple.toFixed(2), yardstick: verdict.yardstick,
          })}{' '}
          {verdict.words}
        </span>
      )}
    </Stack>
  )
}

const Links = ({ filters }: { filters: Filters }) => (
  <>
    <Button variant="default" component={Link} to="/segmentation/compare" search={filters as never}>
      {t('Compare')}
    </Button>
    <Button variant="default" component={Link} to="/segmentation/models">
      {t('Models')}
    </Button>
    <Button variant="default" component={Link} to="/reports">
      {t('History')}
    </Button>
  </>
)

type BodyProps = { found: Dashboard; filters: Filters; stale: boolean; narrow: (filters: Filters) => void }

function Body({ found, filters, stale, narrow }: BodyProps) {
  const level = useLevel('customers_view')
  const { cards, portrait, total, size, message, choices } = found
  if (cards.length === 0)
    return (
      <Stack>
        <StateNote found={found} />
        <NothingYet found={found} />
      </Stack>
    )
  if (level === 'disabled')
    return <EmptyState title={t('Your role does not include seeing customers')}>{t('The numbers here are about customers.')}</EmptyState>
  return (
    <Stack>
      <StateNote found={found} />
      <FilterPanel choices={choices} value={filters} onChange={narrow}>
        <Text component="p" m={0} fw={600} role="status" aria-live="polite">
          {t('{{matched}} of {{total}} customers', { matched: formatNumber(portrait.kpis.customers), total: formatNumber(total) })}
        </Text>
      </FilterPanel>
      {total < size && (
        <Text size="sm" c="dimmed">
          {t('You see {{total, number}} of {{size, number}}: only customers you own.', { total, size })}
        </Text>
      )}
      <Box aria-busy={stale} style={{ opacity: stale ? 0.5 : 1, transition: 'opacity 120ms' }}>
        {message ? (
          <EmptyState
            title={message}
            action={
              <Button variant="default" onClick={() => narrow({})}>
                {t('Remove all filters')}
              </Button>
            }
          />
        ) : (
          <Stack>
            <Cards cards={cards} filters={filters} currency={found.currency} />
            <Charts found={found} />
          </Stack>
        )}
      </Box>
    </Stack>
  )
}
