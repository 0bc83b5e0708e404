import type { OperationSet } from '../catalogue/operation-set.js';
import type { Redaction } from '../shared/redact.js';
import type { CommandStore } from './command-store.js';
import type { Deadlines } from './deadlines.js';
import type { LateRedactions } from './late-redactions.js';
import { redactionOf } from './prepare-command.js';
import { mayHaveMarked } from './secret-marks.js';

export interface AnswerRedactionOptions {
  store: Pick<CommandStore, 'askedFor'>;
  catalogue: Pick<OperationSet, 'get' | 'operations'>;
  deadlines: Pick<Deadlines, 'get'>;
  late: Pick<LateRedactions, 'get'>;
}

/** Resolves with what is known of the secrets in `value`, the answer to a command; undefined if nothing is known. */
export type AnswerRedaction = (requestId: string, value: unknown) => Promise<Redaction | undefined>;

/**
 * Creates the function. The values of the secrets are known for a command that this manager sent, even if the answer is late; for any
 * other, only the names of marked fields are known.
 */
export function createAnswerRedaction(options: AnswerRedactionOptions): AnswerRedaction {
  const { store, catalogue, deadlines, late } = options;
  return async (requestId, value) => {
    const known = deadlines.get(requestId)?.redaction ?? late.get(requestId);
    if (known) return known;
    // Most answers have no field that any operation marks, so the operation need not be looked up.
    if (!mayHaveMarked(value, catalogue.operations())) return undefined;
    const asked = await store.askedFor(requestId);
    if (asked === null) return undefined;
    const operation = asked.operation === null ? null : catalogue.get(asked.operation);
    return redactionOf(asked.path, operation, null);
  };
}
