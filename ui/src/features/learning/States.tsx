import { Alert, Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { t } from '@/lib/i18n'
import { useCan } from '@/lib/session'
import { EmptyState } from '@/ui/EmptyState'
import type { Dashboard } from './model'

const MODELS = '/segmentation/models'

/** What stands before the numbers when not all is well: what is missing, and the one next step. */
export function StateNote({ found }: { found: Dashboard }) {
  const mayManage = useCan('learning_manage')
  switch (found.state) {
    case 'damaged':
      return (
        <Alert color="red" title={t('The model in use is damaged')}>
          {found.problem} {found.cards.length > 0 && t('The segments below are those of the last scoring.')}
          <Step to={mayManage} label={t('Choose another version')} />
        </Alert>
      )
    case 'scoring':
      return <Alert color="blue">{t('Customers are being scored: these numbers follow as soon as that is done.')}</Alert>
    case 'unscored':
      if (found.cards.length === 0) return null
      return <Alert color="yellow">{t('What these customers buy is not known yet: the next scoring writes it.')}</Alert>
    case 'untrained':
    case 'undeployed':
    case 'ready':
      return null
  }
}

/** The page while there is no segment to show. */
export function NothingYet({ found }: { found: Dashboard }) {
  const mayManage = useCan('learning_manage')
  const ask = mayManage ? '' : ` ${t('Ask somebody whose role includes training and deploying models.')}`
  switch (found.state) {
    case 'untrained':
      return (
        <EmptyState title={t('No model has been trained yet')} action={<Step to={mayManage} label={t('Train a model')} />}>
          {t('A model finds groups of customers who buy alike, and says which campaign each deserves.')}
          {ask}
        </EmptyState>
      )
    case 'undeployed':
      return (
        <EmptyState title={t('No version of the model is in use')} action={<Step to={mayManage} label={t('Choose a version')} />}>
          {t('A model was trained. Its segments appear here once a version is deployed.')}
          {ask}
        </EmptyState>
      )
    case 'scoring':
      return <EmptyState title={t('Customers are being scored')}>{t('The segments appear here as soon as that is done.')}</EmptyState>
    case 'damaged':
      return null
    case 'unscored':
      return (
        <EmptyState title={t('Customers have not been scored yet')} action={<Step to={mayManage} label={t('See the models')} />}>
          {t('A version is in use. Deploy it once more, or wait for the daily run, and its segments appear here.')}
          {ask}
        </EmptyState>
      )
    case 'ready':
      return (
        <EmptyState title={t('There are no discovered segments')}>
          {t('They may be archived, or your role may not see them.')}
        </EmptyState>
      )
  }
}

const Step = ({ to, label }: { to: boolean; label: string }) =>
  to ? (
    <Button component={Link} to={MODELS} mt="xs">
      {label}
    </Button>
  ) : null
