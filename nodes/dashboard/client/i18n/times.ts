import { clockTimeIn } from '../../../api/words/clock-time.js';
import { language } from './language.js';
import { t } from './translate.js';

/** The symbols of units are written here because `Intl.RelativeTimeFormat` gives different ones in different browsers. */
const STEPS: [seconds: number, unit: 'd' | 'h' | 'min' | 's'][] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
];
/** A shorter time is shown as just now. */
const NOW_S = 10;

/** The time since `time` in the largest unit that fits: `31 s ago`, `just now`. Both times are ms since the epoch. */
export function elapsed(time: number, now: number): string {
  // The browser's clock may be behind the server's.
  const seconds = Math.max(0, Math.floor((now - time) / 1000));
  if (seconds < NOW_S) return t('justNow');
  const [size, unit] = STEPS.find(([least]) => seconds >= least) ?? [1, 's'];
  return t('ago', { n: Math.floor(seconds / size), unit });
}

/** Date and time in the browser's time zone. `time` is ISO 8601. */
export function absolute(time: string): string {
  const format = new Intl.DateTimeFormat(language.value, { dateStyle: 'medium', timeStyle: 'medium' });
  return format.format(new Date(time));
}

/** The date in the browser's time zone. `time` is ms since the epoch. */
export function day(time: number): string {
  return new Intl.DateTimeFormat(language.value, { dateStyle: 'medium' }).format(time);
}

/** Hours and minutes in the browser's time zone, with the day unless it is today. `time` is ISO 8601. */
export function clockTime(time: string): string {
  return clockTimeIn(language.value, time);
}

/** Hours and minutes, with the day unless it is that of `other`. Both are ISO 8601. */
export function clockTimeBeside(time: string, other: string): string {
  return clockTimeIn(language.value, time, new Date(other));
}

/** Hours and minutes alone, in the browser's time zone. `time` is ms since the epoch. */
export function timeOfDay(time: number): string {
  return new Intl.DateTimeFormat(language.value, { hour: '2-digit', minute: '2-digit' }).format(time);
}

/** Day and month, in the browser's time zone. `time` is ms since the epoch. */
export function dayOfMonth(time: number): string {
  return new Intl.DateTimeFormat(language.value, { day: 'numeric', month: 'short' }).format(time);
}

/** A length of time, given in ms: `1 h 20 min`, `45 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return amount(Math.max(0, Math.round(ms)), 'ms');
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return amount(seconds, 's');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return both(amount(minutes, 'min'), seconds % 60, 's');
  return both(amount(Math.floor(minutes / 60), 'h'), minutes % 60, 'min');
}

/** A number as people write it in the current language. */
export function count(value: number): string {
  return new Intl.NumberFormat(language.value).format(value);
}

/** A share from 0 to 1 as a percentage. */
export function share(value: number): string {
  return new Intl.NumberFormat(language.value, { style: 'percent', maximumFractionDigits: 1 }).format(value);
}

/** A number of bytes in the largest unit that fits, with 1000 bytes in a kilobyte: `12.3 MB`. */
export function byteSize(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const format = {
    style: 'unit',
    unit: units[step],
    unitDisplay: 'short',
    maximumFractionDigits: 1,
  } as const;
  return new Intl.NumberFormat(language.value, format).format(bytes / 1000 ** step);
}

/** An amount with what is left over in the next smaller unit, where something is. */
function both(whole: string, rest: number, unit: 's' | 'min'): string {
  return rest === 0 ? whole : `${whole} ${amount(rest, unit)}`;
}

function amount(n: number, unit: 'ms' | 's' | 'min' | 'h'): string {
  return t('amount', { n, unit });
}
