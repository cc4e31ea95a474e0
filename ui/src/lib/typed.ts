import createFetch from 'openapi-fetch'
import createQuery from 'openapi-react-query'
import { send } from './client'
import type { paths } from './schema.gen'

/** Endpoints in the OpenAPI snapshot, typed end to end: `typed.GET('/api/segments')`. Refusals throw `ApiProblem`. */
export const typed = createFetch<paths>({ baseUrl: window.location.origin, fetch: send })

/** The same through TanStack Query: `$api.useQuery('get', '/api/segments')`. */
export const $api = createQuery(typed)
