import { isStorable } from '../../shared/text.js';

/** Why a value cannot be kept in a column of JSON as it is, as the end of a sentence; null if it can. */
export function whyUnstorable(value: unknown): string | null {
  if (typeof value === 'string') return isStorable(value) ? null : 'has a text with NUL or broken Unicode';
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)))
    return 'has a number that JSON would change: give its digits as a value of "perTarget", with {{value.COLUMN:number}} in its place';
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, one] of Object.entries(value)) {
    const why = isStorable(name) ? whyUnstorable(one) : 'has a name with NUL or broken Unicode';
    if (why !== null) return why;
  }
  return null;
}
