import { defineWords } from '../../client/i18n/define-messages.js';
import de from './words/de.json';
import en from './words/en-US.json';
import ja from './words/ja.json';
import zhTw from './words/zh-TW.json';

export const say = defineWords({ 'en-US': en, de, ja, 'zh-TW': zhTw });
