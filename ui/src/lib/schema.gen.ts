// Placeholder until the first OpenAPI snapshot: `npm run gen` writes this file.
export interface paths {}
export interface components {
  schemas: Record<string, never>
}
