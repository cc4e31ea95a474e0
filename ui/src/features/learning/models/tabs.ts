export const TABS = ['versions', 'files', 'drift', 'schedule', 'recommendations', 'journal'] as const
export type Tab = (typeof TABS)[number]
