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
 * Translates a reason into the current language: the device manager writes it in English, for flows and REST callers. An unknown
 * reason, such as a gateway's own text, is returned unchanged.
 */
export function translateReason(reason: string | null): string {
  return reason === null ? '' : TRANSLATORS[language.value](reason);
}
