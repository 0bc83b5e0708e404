import { CAUSE_OR_NULL, type Cause } from '../shared/reason.js';
import { count, flag, objectOf, textOrNull } from '../shared/value-schemas.js';
import type { WellResult } from './well.js';

/** A WellResult as it is sent to flows and callers, with the cause beside the words. */
export interface ToldWell {
  well: boolean;
  tookMs: number;
  reason: string | null;
  cause: Cause | null;
}

/** The JSON Schema of a ToldWell; null where there was nothing to wait for. */
export const WELL_RESULT = {
  ...objectOf({ well: flag, tookMs: count, reason: textOrNull, cause: CAUSE_OR_NULL }),
  type: ['object', 'null'],
  description:
    'Whether the gateway was well again in time, and how long after the command was sent; null if there was nothing to wait for.',
} as const;

/** Puts a result into the form in which it is sent. */
export function toldWell(result: WellResult | null): ToldWell | null {
  if (result === null) return null;
  const { well, tookMs } = result;
  const reason = result.well ? null : result.reason;
  return { well, tookMs, reason: reason?.text ?? null, cause: reason?.cause ?? null };
}
