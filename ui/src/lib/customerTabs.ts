import type { ComponentType } from 'react'

export type CustomerTab = { value: string; label: string; Panel: ComponentType<{ customer: number }> }

/** What other features show under the name of a customer; `app/customerTabs.ts` fills it at start. */
export const customerNotes: { value: string; Note: ComponentType<{ customer: number }> }[] = []

/** Tabs of the customer page that other features bring; `app/customerTabs.ts` fills it at start. */
export const customerTabs: CustomerTab[] = []
