import type { Reason } from '../../../manager/shared/reason.js';

/** A call that failed. `reason` tells a person why. */
export class RefusedCall extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason.text);
    this.reason = reason;
  }
}

/** Why something failed, from whatever was thrown. */
export function reasonOf(error: unknown): Reason {
  return error instanceof RefusedCall ? error.reason : { text: (error as Error).message, cause: null };
}
