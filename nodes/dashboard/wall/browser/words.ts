import { chosenLanguage, type Language } from '../../../api/words/languages.js';
import de from './messages/de.json';
import en from './messages/en-US.json';
import ja from './messages/ja.json';
import zhTw from './messages/zh-TW.json';

// The texts take values and no plurals, so that the page needs no library for them: an unattended screen loads a few kB.

const TEXTS: Record<Language, Record<keyof typeof en, string>> = { 'en-US': en, de, ja, 'zh-TW': zhTw };

/** The language of the page: of its address (`?lang=ja`), else of the browser. */
export const language: Language = chosenLanguage([
  new URLSearchParams(location.search).get('lang') ?? '',
  ...navigator.languages,
]);

/** Gives a text with its values in place of their names in braces. */
export function t(key: keyof typeof en, values: Record<string, string> = {}): string {
  return TEXTS[language][key].replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

/** A number as people write it. */
export function count(value: number): string {
  return new Intl.NumberFormat(language).format(value);
}

/** Hours, minutes and seconds in the time zone of the screen, with the day unless it is today. `time`: ms since the epoch. */
export function clock(time: number, { seconds = false } = {}): string {
  const isToday = new Date(time).toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(language, {
    ...(!isToday && { month: 'short', day: 'numeric' }),
    ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    ...(seconds && { second: '2-digit' }),
  }).format(time);
}

const STEPS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** A length of time in its largest unit, such as `25 min`; below 10 s it is now. */
export function length(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 10) return t('now');
  const [unit, size] = STEPS.find(([, least]) => seconds >= least) ?? (['second', 1] as const);
  const format = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' });
  return format.format(Math.floor(seconds / size));
}

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** A text with its times as a clock in this room shows them. */
export function readable(text: string): string {
  return text.replace(INSTANT, (time) => clock(Date.parse(time)));
}
