export type FieldError = { field: string; message: string }

/** A refusal by the server, in the words of RFC 9457. `body` is the whole answer, for flows that need more. */
export class ApiProblem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail = '',
    readonly errors: FieldError[] = [],
    readonly body: unknown = null,
  ) {
    super(detail || title)
    this.name = 'ApiProblem'
  }

  /** Messages by field, ready for `form.setErrors`. */
  get fields(): Record<string, string> {
    return Object.fromEntries(this.errors.map(({ field, message }) => [field, message]))
  }
}

type Raw = {
  title?: string
  detail?: string
  errors?: { field?: string; param?: string; message?: string; code?: string }[]
}

/** Reads problem+json, allauth's `{errors: [{param, message}]}`, or whatever a proxy in between said. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const body: unknown = await response.json().catch(() => null)
  const raw: Raw = body && typeof body === 'object' ? body : {}
  const listed = Array.isArray(raw.errors) ? raw.errors : []
  const errors = listed.map((error) => ({
    field: error.field ?? error.param ?? '',
    message: error.message ?? error.code ?? '',
  }))
  const title = raw.title ?? (response.statusText || `The server answered ${response.status}`)
  const detail = typeof raw.detail === 'string' ? raw.detail : errors.map((error) => error.message).join(' ')
  return new ApiProblem(response.status, title, detail, errors, body)
}

/** A plain sentence for any error. */
export function sentence(error: unknown): string {
  if (error instanceof ApiProblem) return error.message
  if (error instanceof TypeError) return 'The server cannot be reached. Check your connection and try again.'
  return error instanceof Error ? error.message : String(error)
}
