/** Whether a text is long enough to be searched: three characters, or two of a script in which two are a name. */
export const isSearchable = (text: string) => text.length >= 3 || /^\p{Lo}{2}$/u.test(text)
