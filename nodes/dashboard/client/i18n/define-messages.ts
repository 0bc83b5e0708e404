import { IntlMessageFormat } from 'intl-messageformat';
import { type Language, language } from './language.js';

/** Values for a text; ICU message syntax: `{count, plural, one {# gateway} other {# gateways}}`. */
export type Values = Record<string, string | number | Date>;

/**
 * The texts of a widget in all languages. The returned function returns one in the current language; used in a template, it
 * updates when the language changes.
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
