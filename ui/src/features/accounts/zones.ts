/** The IANA zones the browser knows, with UTC among them: for pickers. */
export const ZONES: string[] = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])]
export const CURRENCIES: string[] = Intl.supportedValuesOf('currency')
