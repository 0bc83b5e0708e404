import type { Language } from './languages.js';

/** Hours and minutes in the time zone of who runs this, with the day unless it is that of `other`, today by default. `time` is ISO 8601. */
export function clockTimeIn(language: Language, time: string, other = new Date()): string {
  const date = new Date(time);
  const isSameDay = date.toDateString() === other.toDateString();
  const day: Intl.DateTimeFormatOptions = isSameDay ? {} : { month: 'short', day: 'numeric' };
  return new Intl.DateTimeFormat(language, { ...day, hour: '2-digit', minute: '2-digit' }).format(date);
}
