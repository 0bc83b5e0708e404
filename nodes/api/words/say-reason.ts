import type { Reason } from '../../manager/shared/reason.js';
import { clockTimeIn } from './clock-time.js';
import de from './de.json';
import ja from './ja.json';
import type { Language } from './languages.js';
import { translateBy } from './translate-by.js';
import zhTw from './zh-TW.json';

/** The translations by code. English is the text of the reason itself. */
const TRANSLATIONS: Record<Language, Readonly<Record<string, string>>> = {
  'en-US': {},
  de,
  ja,
  'zh-TW': zhTw,
};

/** Says a reason in a language, with the reasons in it. Times in it are put as a clock here shows them, or as `timeInWords` puts them. */
export function sayReason(
  language: Language,
  reason: Reason,
  timeInWords: (time: string) => string = (time) => clockTimeIn(language, time),
): string {
  return translateBy(TRANSLATIONS[language], reason, timeInWords);
}

/** The translations of some codes in a language, for a page that says reasons by itself; none in English. */
export function translationsOf(language: Language, codes: readonly string[]): Record<string, string> {
  const known = TRANSLATIONS[language];
  return Object.fromEntries(
    codes.filter((code) => Object.hasOwn(known, code)).map((code) => [code, known[code]!]),
  );
}
