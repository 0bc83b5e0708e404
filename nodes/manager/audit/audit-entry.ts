import type { FromSchema } from 'json-schema-to-ts';
import { CAUSE_OR_NULL, type Reason, type WithCauses } from '../shared/reason.js';
import { ROLES } from '../shared/role.js';
import { digits, objectOf, text, textOrNull, time } from '../shared/value-schemas.js';
import { AUDIT_DOORS, type AuditDoor } from './audit-door.js';
import { OUTCOMES } from './outcome.js';

/** JSON Schema of an AuditEntry. */
export const AUDIT_ENTRY = {
  ...objectOf({
    id: digits,
    at: time,
    who: text,
    accountId: {
      ...textOrNull,
      description:
        'The id of the account of `who`, since names can be reused; null if `who` has no account with the device manager.',
    },
    role: { enum: [...ROLES, null] },
    address: { ...textOrNull, description: 'IP address.' },
    action: { ...text, description: 'Such as `gateway.register`, `command.send`, `login`.' },
    clientid: {
      ...textOrNull,
      description: 'The client id of the gateway concerned; null: none, or several.',
    },
    job: {
      ...textOrNull,
      description: 'The id of the job concerned, and so of all its gateways; null: none.',
    },
    door: { enum: [...AUDIT_DOORS, null], description: 'By which door it came; null: nothing says it.' },
    detail: {
      type: 'object',
      description: 'Secrets are hidden. A detail of more than 4000 characters is left out.',
    },
    outcome: { enum: OUTCOMES },
    reason: {
      ...textOrNull,
      description: 'Why it was refused or failed, in words for a person; null if it was done.',
    },
    // Null also for words of others, and where a secret had to be hidden in the reason.
    cause: CAUSE_OR_NULL,
  }),
  description: 'The record of an action, or of an attempt.',
} as const;
/** The record of an action, or of an attempt. `id` is decimal digits, `at` is ISO 8601 in UTC. */
export type AuditEntry = FromSchema<typeof AUDIT_ENTRY, WithCauses>;

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
