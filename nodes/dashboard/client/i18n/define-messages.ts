import { IntlMessageFormat } from 'intl-messageformat';
import { type Language, language } from './language.js';

/** Values that stand in a text; ICU message syntax: `{count, plural, one {# gateway} other {# gateways}}`. */
export type Values = Record<string, string | number | Date>;

/**
 * The texts of a widget in all languages. The returned function says one, in the language of now: used in a template, it is
 * said anew when the language changes.
 */
export function defineWords<Key extends string>(
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
