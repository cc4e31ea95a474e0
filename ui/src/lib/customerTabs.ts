import type { ComponentType } from 'react'

export type CustomerTab = { value: string; label: string; Panel: ComponentType<{ customer: number }> }

/** Tabs of the customer page that other features bring; `app/customerTabs.ts` fills it at start. */
export const customerTabs: CustomerTab[] = []
