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
 * Why something is as it is, in the language of now: the device manager says it in English, as flows and REST callers read
 * it. A reason that is not known here, as the words of a gateway, stays as it is.
 */
export function inWords(reason: string | null): string {
  return reason === null ? '' : TRANSLATORS[language.value](reason);
}
