import type { AuditDoor } from './audit-door.js';
import type { Outcome } from './outcome.js';

/** What is looked for in the audit; all conditions must be met. */
export interface AuditQuery {
  /** A part of the name, in any case. */
  who?: string;
  /** The beginning of the action: `gateway.` finds all that was done to gateways. */
  action?: string;
  /** What was done to this gateway, alone, as one of many, or as one of the gateways of a job. */
  clientid?: string;
  /** The same for all gateways that this is a part of the id or the name of, in any case. */
  gateway?: string;
  /** The id of a job. */
  job?: string;
  outcome?: Outcome;
  door?: AuditDoor;
  /** ISO 8601; `since` is included, `until` is not. */
  since?: string;
  until?: string;
  /** The `id` of the last entry of the page before; entries are listed newest first. */
  before?: string;
  /** 1..500, default 50. */
  limit?: number;
}
