import type { Root } from '@/lib/root'

/** No pages of its own yet. */
export const routes = (_root: Root) => [] as const
