import type { Role } from '../shared/role.js';
import type { Outcome } from './outcome.js';

/** An action, or an attempt. */
export interface AuditEntry {
  /** Decimal digits. */
  id: string;
  /** ISO 8601 UTC. */
  at: string;
  who: string;
  /** The id of the account of `who`, since names can be reused; null if it is not one of our accounts. */
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
