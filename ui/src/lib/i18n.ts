import i18next from 'i18next'
import en from './en.json'

/**
 * The English sentence is the key: `t('Save segment')`, `t('{{count, number}} customers', { count })`.
 * `en.json` holds only what English itself needs: singular forms.
 */
void i18next.init({
  lng: 'en',
  resources: { en: { translation: en } },
  keySeparator: false,
  nsSeparator: false,
  interpolation: { escapeValue: false },
  initAsync: false,
})

export const t = i18next.t.bind(i18next)
export { i18next }
