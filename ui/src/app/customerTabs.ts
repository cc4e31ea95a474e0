import { lazy } from 'react'
import { customerNotes, customerTabs } from '@/lib/customerTabs'

const Ledger = lazy(() => import('@/features/channels/Ledger').then((feature) => ({ default: feature.Ledger })))
const Consent = lazy(() => import('@/features/consent/ConsentTab').then((feature) => ({ default: feature.ConsentTab })))

const Segments = lazy(() => import('@/features/segments/CustomerSegments').then((feature) => ({ default: feature.CustomerSegments })))

customerNotes.push({ value: 'segments', Note: Segments })
customerTabs.push(
  { value: 'messages', label: 'Messages', Panel: Ledger },
  { value: 'consent', label: 'Consent', Panel: Consent },
)
