import { type Language, language } from './language.js';
import de from './reasons/de.json';
import ja from './reasons/ja.json';
import zhTw from './reasons/zh-TW.json';
import { translator } from './templates.js';

const TRANSLATORS: Record<Language, (reason: string) => string> = {
  'en-US': (reason) => reason,
  de: translator(de),
  ja: translator(ja),
  'zh-TW': translator(zhTw),
};

/**
 * Translates a reason into the current language. The device manager writes reasons in English, for flows and REST callers. Returns an
 * unknown reason, such as a gateway's own text, unchanged, and an empty text for null.
 */
export function translateReason(reason: string | null): string {
  return reason === null ? '' : TRANSLATORS[language.value](reason);
}
