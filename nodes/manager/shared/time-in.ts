import { badField } from './invalid-input.js';

/** A time that somebody has given, as ISO 8601 UTC. Throws INVALID_INPUT, naming the field, for anything else. */
export function timeIn(field: string, text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw badField(field, 'a time such as 2026-11-25T10:00:00Z');
  return time.toISOString();
}
