import type { Language } from './languages.js';
import de from './operations/de.json';
import ja from './operations/ja.json';
import zhTw from './operations/zh-TW.json';

/** The words of the catalogue in one language, by the English ones; what is not in it stays English. */
export interface OperationWords {
  categories: Readonly<Record<string, string>>;
  /** By what `taskOf` says. */
  tasks: Readonly<Record<string, string>>;
  /** Labels of fields, of their choices, and what their patterns require. One translation serves all fields with a label. */
  fields: Readonly<Record<string, string>>;
}

const NONE: OperationWords = { categories: {}, tasks: {}, fields: {} };
const WORDS: Readonly<Record<Language, OperationWords>> = { 'en-US': NONE, de, ja, 'zh-TW': zhTw };

/** The words of the catalogue in a language. They stay on the server until a page asks for them, since most pages need none. */
export function operationWords(language: Language): OperationWords {
  return WORDS[language];
}
