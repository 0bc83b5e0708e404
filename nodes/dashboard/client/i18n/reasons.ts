import type { Cause, Reason } from '../../../manager/shared/reason.js';
import { type Language, language } from './language.js';
import de from './reasons/de.json';
import ja from './reasons/ja.json';
import zhTw from './reasons/zh-TW.json';
import { clockTime } from './times.js';
import { translateBy } from './translate-by.js';

/** The translations by code. English is the text of the reason itself. */
const TRANSLATIONS: Record<Language, Readonly<Record<string, string>>> = {
  'en-US': {},
  de,
  ja,
  'zh-TW': zhTw,
};

/** Translates a reason, given as text and cause, into the current language. An empty text for null. */
export function translateReason(text: string | null, cause: Cause | null): string {
  return translated(text === null ? null : { text, cause });
}

/** The same for a reason in one piece. */
export function translated(reason: Reason | null): string {
  return reason === null ? '' : translateBy(TRANSLATIONS[language.value], reason, clockTime);
}
