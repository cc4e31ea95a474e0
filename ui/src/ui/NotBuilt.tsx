import { EmptyState } from './EmptyState'
import { t } from '@/lib/i18n'

/** Stands where a page is planned; nothing links here. */
export const NotBuilt = () => <EmptyState page title={t('This page is not part of the product yet')} />
