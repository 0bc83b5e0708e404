import { type Cause, fillIn, type Reason } from '../../../manager/shared/reason.js';
import { type Language, language } from './language.js';
import de from './reasons/de.json';
import ja from './reasons/ja.json';
import zhTw from './reasons/zh-TW.json';

/** The translations by code. English is the text of the reason itself. */
const TRANSLATIONS: Record<Language, Readonly<Record<string, string>>> = {
  'en-US': {},
  de,
  ja,
  'zh-TW': zhTw,
};

/**
 * Translates a reason into the current language, with the reasons in its values. The words of others, such as a gateway's own, stay as
 * they are, and so does the English text of a code that is not known here. An empty text for null.
 */
export function translateReason(text: string | null, cause: Cause | null | undefined): string {
  return text === null ? '' : translated({ text, cause: cause ?? null });
}

/** The same for a reason in one piece. */
export function translated(reason: Reason | null): string {
  return reason === null ? '' : translateBy(TRANSLATIONS[language.value], reason);
}

/** Translates a reason by the texts of one language. */
export function translateBy(texts: Readonly<Record<string, string>>, { text, cause }: Reason): string {
  if (cause === null || !Object.hasOwn(texts, cause.code)) return text;
  return fillIn(texts[cause.code]!, cause.params, (inner) => translateBy(texts, inner));
}
