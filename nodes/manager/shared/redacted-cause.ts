import type { Cause, Reason } from './reason.js';
import { redact } from './redact.js';

/**
 * The cause of a reason without secrets. Null if the text has a secret: it may be one of the values, which alone would not show by their
 * form that they are secret.
 */
export function redactedCause({ text, cause }: Reason): Cause | null {
  return redact(text) === text ? (redact(cause) as Cause | null) : null;
}
