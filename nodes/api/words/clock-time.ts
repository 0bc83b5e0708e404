import type { Language } from './languages.js';

/** Hours and minutes in the time zone of who runs this, with the day unless it is today. `time` is ISO 8601. */
export function clockTimeIn(language: Language, time: string): string {
  const date = new Date(time);
  const isToday = date.toDateString() === new Date().toDateString();
  const day: Intl.DateTimeFormatOptions = isToday ? {} : { month: 'short', day: 'numeric' };
  return new Intl.DateTimeFormat(language, { ...day, hour: '2-digit', minute: '2-digit' }).format(date);
}
