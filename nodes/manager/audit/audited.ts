import type { Reason } from '../shared/reason.js';
import { asTpeError, TpeError } from '../shared/tpe-error.js';
import type { Audit } from './audit.js';
import type { NewAuditEntry } from './audit-entry.js';

/** An action on the fleet that is recorded in the audit. */
export interface AuditAction {
  /** Such as `gateway.register`, `command.send`. */
  action: string;
  clientid?: string | null;
  /** All gateways that it is about, if they are several. */
  clientids?: readonly string[];
  /** The id of the job that it is about: its gateways are concerned, too. */
  job?: string | null;
  /** Never a secret. */
  detail?: Record<string, unknown>;
}

/** What is known of an action only once it is done. */
export type ToldLater = Pick<AuditAction, 'job' | 'detail'>;

/** The person or client that performs an action. */
export type Actor = Pick<NewAuditEntry, 'who' | 'accountId' | 'role' | 'address' | 'door'>;

/** Returns the audit entry of an action with this outcome; `reason` is why it was refused or failed. */
export function auditEntry(
  actor: Actor,
  { action, clientid = null, clientids, job = null, detail = {} }: AuditAction,
  outcome: NewAuditEntry['outcome'],
  reason: Reason | null,
): NewAuditEntry {
  return { ...actor, action, clientid, ...(clientids && { clientids }), job, detail, outcome, reason };
}

/**
 * Runs `work` and records its outcome in the audit, with what `later` tells of its value if it was done. Rejects as `work` does.
 */
export async function audited<Value>(
  audit: Audit,
  actor: Actor,
  action: AuditAction,
  work: () => Promise<Value>,
  later: (value: Value) => ToldLater = () => ({}),
): Promise<Value> {
  try {
    const value = await work();
    const { job = action.job ?? null, detail } = later(value);
    const told = { ...action, job, detail: { ...action.detail, ...detail } };
    await audit.record(auditEntry(actor, told, 'done', null));
    return value;
  } catch (error) {
    const recorded = audit.record(auditEntry(actor, action, 'failed', asTpeError(error).reason));
    // While the database is away, recording takes long. The caller must hear of the failure without that delay.
    if (!(error instanceof TpeError && error.code === 'UNAVAILABLE')) await recorded;
    throw error;
  }
}
