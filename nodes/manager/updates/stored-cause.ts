import type { Cause } from '../shared/reason.js';

/** A cause in the form of a parameter for a column of type jsonb; SQL's null where there is none. */
export function storedCause(cause: Cause | null): string | null {
  return cause === null ? null : JSON.stringify(cause);
}
