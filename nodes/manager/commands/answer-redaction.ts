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

/** The secret places in `value`, the answer to a command; undefined if none are known. */
export type AnswerRedaction = (requestId: string, value: unknown) => Promise<Redaction | undefined>;

/** Of an answer to a command that was sent here its secrets are known too, also when it is late; of any other, what is marked. */
export function createAnswerRedaction(options: AnswerRedactionOptions): AnswerRedaction {
  const { store, catalogue, deadlines, late } = options;
  return async (requestId, value) => {
    const known = deadlines.get(requestId)?.redaction ?? late.get(requestId);
    if (known) return known;
    // Most answers have no field that any operation marks: then the operation need not be looked up.
    if (!mayHaveMarked(value, catalogue.operations())) return undefined;
    const asked = await store.askedFor(requestId);
    if (asked === null) return undefined;
    const operation = asked.operation === null ? null : catalogue.get(asked.operation);
    return redactionOf(asked.path, operation, null);
  };
}
