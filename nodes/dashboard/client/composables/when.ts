import { clock } from './clock.js';

/** The times that a history can be narrowed to; '' is any, `range` is from one to another. */
export const WHEN = ['today', 'yesterday', 'week', 'range'] as const;
export type When = (typeof WHEN)[number] | '';

/** A choice of time, as a form has it: `from` and `until` are those of a `datetime-local` field, and count for `range` alone. */
export interface WhenChoice {
  when: When;
  from: string;
  until: string;
}

/** The bounds of a choice in the time zone of the reader, as the server takes them. A day ends where the next one begins. */
export function boundsOf({ when, from, until }: WhenChoice): { since?: string; until?: string } {
  if (when === 'range') {
    const [since, end] = [timeOf(from), timeOf(until)];
    return { ...(since && { since }), ...(end && { until: end }) };
  }
  if (when === 'today') return { since: midnight(0) };
  if (when === 'yesterday') return { since: midnight(-1), until: midnight(0) };
  return when === 'week' ? { since: midnight(-6) } : {};
}

/** The beginning of today, or of a day so many days away from it: days are not all of the same length. */
function midnight(days: number): string {
  const time = new Date(clock.value);
  return new Date(time.getFullYear(), time.getMonth(), time.getDate() + days).toISOString();
}

/** Null while the field is blank or half filled in. */
function timeOf(text: string): string | null {
  const time = new Date(text);
  return text === '' || Number.isNaN(time.getTime()) ? null : time.toISOString();
}
