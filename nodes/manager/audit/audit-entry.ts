import type { Cause, Reason } from '../shared/reason.js';
import type { Role } from '../shared/role.js';
import type { AuditDoor } from './audit-door.js';
import type { Outcome } from './outcome.js';

/** The record of an action, or of an attempt. */
export interface AuditEntry {
  /** Decimal digits. */
  id: string;
  /** ISO 8601 UTC. */
  at: string;
  who: string;
  /** The id of the account of `who`, since names can be reused; null if `who` has no account with the device manager. */
  accountId: string | null;
  role: Role | null;
  /** IP address. */
  address: string | null;
  /** Such as `gateway.register`, `command.send`, `login`. */
  action: string;
  /** The client id of the gateway concerned; null: none, or several. */
  clientid: string | null;
  /** The id of the job concerned, and so of all its gateways; null: none. */
  job: string | null;
  /** By which door it came; null: nothing says it. */
  door: AuditDoor | null;
  /** Secrets are hidden. A detail of more than 4000 characters is left out. */
  detail: Record<string, unknown>;
  outcome: Outcome;
  /** Why it was refused or failed, in words for a person; null if it was done. */
  reason: string | null;
  /** The same for programs; null also for words of others, and where a secret had to be hidden in the reason. */
  cause: Cause | null;
}

/** An entry that is about to be written; the database gives it `id` and `at`. */
export type NewAuditEntry = Omit<
  AuditEntry,
  'id' | 'at' | 'accountId' | 'job' | 'door' | 'reason' | 'cause'
> & {
  accountId?: string | null;
  job?: string | null;
  /** Left out: the action or its detail says it. */
  door?: AuditDoor | null;
  /** All gateways of an act on several, by each of which the entry is found. */
  clientids?: readonly string[];
  reason: Reason | null;
};
