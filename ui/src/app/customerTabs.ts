import { lazy } from 'react'
import { customerTabs } from '@/lib/customerTabs'

const Ledger = lazy(() => import('@/features/channels/Ledger').then((feature) => ({ default: feature.Ledger })))
const Consent = lazy(() => import('@/features/consent/ConsentTab').then((feature) => ({ default: feature.ConsentTab })))

customerTabs.push(
  { value: 'messages', label: 'Messages', Panel: Ledger },
  { value: 'consent', label: 'Consent', Panel: Consent },
)
