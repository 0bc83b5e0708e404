import type { Reason } from '../shared/reason.js';

/** The cause of a reason as a parameter for a column of type jsonb; SQL's null where there is none. */
export function causeText(reason: Pick<Reason, 'cause'> | null | undefined): string | null {
  const cause = reason?.cause ?? null;
  return cause === null ? null : JSON.stringify(cause);
}
