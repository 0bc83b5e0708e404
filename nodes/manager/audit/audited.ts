import { messageOf } from '../shared/tpe-error.js';
import type { Audit } from './audit.js';
import type { NewAuditEntry } from './audit-entry.js';

/** What somebody does to the fleet, for the audit. */
export interface Deed {
  /** `gateway.register`, `command.send`. */
  action: string;
  clientid?: string | null;
  /** Never a secret. */
  detail?: Record<string, unknown>;
}

/** Who does it. */
export type Doer = Pick<NewAuditEntry, 'who' | 'accountId' | 'role' | 'address'>;

/** What the audit keeps of a deed that ended in this way. */
export function entryOf(
  doer: Doer,
  { action, clientid = null, detail = {} }: Deed,
  outcome: NewAuditEntry['outcome'],
  reason: string | null,
): NewAuditEntry {
  return { ...doer, action, clientid, detail, outcome, reason };
}

/** Does it, and writes to the audit what became of it. Rejects as `work` does. */
export async function recorded<Value>(
  audit: Audit,
  doer: Doer,
  deed: Deed,
  work: () => Promise<Value>,
): Promise<Value> {
  try {
    const value = await work();
    await audit.record(entryOf(doer, deed, 'done', null));
    return value;
  } catch (error) {
    await audit.record(entryOf(doer, deed, 'failed', messageOf(error)));
    throw error;
  }
}
