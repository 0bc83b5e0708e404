import { IntlMessageFormat } from 'intl-messageformat';
import { type Language, language } from './language.js';

/** Values for a text in ICU message syntax, for example `{count, plural, one {# gateway} other {# gateways}}`. */
export type Values = Record<string, string | number | Date>;

/**
 * Takes texts in all languages, and returns a function that gives one text in the current language. In a template, the text updates when
 * the language changes. A key without a text gives the key.
 */
export function defineMessages<Key extends string>(
  texts: Record<Language, Record<Key, string>>,
): (key: Key, values?: Values) => string {
  const formats = new Map<string, IntlMessageFormat>();
  return (key, values) => {
    const cacheKey = `${language.value} ${key}`;
    const known =
      formats.get(cacheKey) ??
      new IntlMessageFormat(texts[language.value][key] ?? key, language.value, undefined, {
        ignoreTag: true,
      });
    formats.set(cacheKey, known);
    return String(known.format(values));
  };
}
