import type { Alarm } from '../../../manager/alarms/alarm.js';
import { translateReason } from './reasons.js';
import { clockTime } from './times.js';

/** A time as programs write it, in the words of an alarm. */
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** What is so, in the current language, with times as people read them. */
export function alarmText({ text, cause }: Pick<Alarm, 'text' | 'cause'>): string {
  return readable(translateReason(text, cause));
}

/** What to do first; may be empty. */
export function alarmAdvice({ advice, adviceCause }: Pick<Alarm, 'advice' | 'adviceCause'>): string {
  return readable(translateReason(advice, adviceCause));
}

function readable(text: string): string {
  return text.replace(TIME, (time) => clockTime(time));
}
