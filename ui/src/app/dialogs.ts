import { lazy } from 'react'
import { dialogs } from '@/lib/dialogs'

dialogs.SendCampaign = lazy(() => import('@/features/segments/SendCampaign').then((feature) => ({ default: feature.SendCampaign })))
