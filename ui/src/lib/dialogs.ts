import type { ComponentType } from 'react'

/** Dialogs of one feature that others open; `app/dialogs.ts` fills it at start. */
export const dialogs: {
  /** Sends a campaign to a segment. */
  SendCampaign?: ComponentType<{ id: string; opened: boolean; onClose: () => void }>
} = {}
