import type { Role } from '../shared/role.js';
import type { Outcome } from './outcome.js';

/** What somebody did, or tried. */
export interface AuditEntry {
  /** Decimal digits. */
  id: string;
  /** ISO 8601 UTC. */
  at: string;
  who: string;
  /** Of the account of `who`, which may not be the only one that ever had that name; null where it is none of ours. */
  accountId: string | null;
  role: Role | null;
  /** IP address. */
  address: string | null;
  /** `gateway.register`, `command.send`, `login`. */
  action: string;
  /** Of the gateway that it was done to; null: none, or several. */
  clientid: string | null;
  /** Secrets are hidden; what is longer than 4 kB is left out. */
  detail: Record<string, unknown>;
  outcome: Outcome;
  /** For a person: why it was refused, or failed. */
  reason: string | null;
}

/** One that is to be written: `id` and `at` are given then. */
export type NewAuditEntry = Omit<AuditEntry, 'id' | 'at' | 'accountId'> & { accountId?: string | null };
