import { defineMessages } from '../../i18n/define-messages.js';
import de from './messages/de.json';
import en from './messages/en-US.json';
import ja from './messages/ja.json';
import zhTw from './messages/zh-TW.json';

/** Gives the texts of readable answers in the current language. */
export const t = defineMessages({ 'en-US': en, de, ja, 'zh-TW': zhTw });
