import type { Audit } from '../audit/audit.js';
import type { NewAuditEntry } from '../audit/audit-entry.js';
import { TpeError } from '../shared/tpe-error.js';
import { accountReason } from './account-reasons.js';
import type { PersonalTokens, TokenHolder } from './personal-token.js';
import type { KnownUser, Users } from './users.js';

const MAX_UNRECORDED = 100;

/**
 * What accounts need from a device manager: the people in its database and their tokens, its audit, and an event when rights of people
 * change.
 */
export interface People {
  readonly users: Users;
  readonly tokens: Pick<PersonalTokens, 'check'>;
  readonly audit: Audit;
  readonly events: {
    on(event: 'account', listener: () => void): unknown;
    off(event: 'account', listener: () => void): unknown;
  };
}

/** The people of the manager that is open now, if there is one. */
export interface PeopleLink {
  /** Uses the people of a manager until the returned function is called. People who are known stay known after that. */
  attach(people: People): () => void;
  /** The users of the open manager. Throws UNAVAILABLE while none is open. */
  users(): Users;
  /** Whether any manager was ever open. */
  wasAttached(): boolean;
  /** A user as last read; null if unknown or disabled. */
  find(id: string): KnownUser | null;
  /** The holder of a personal token, as last read; null if the token is not valid. */
  holderOf(token: string): TokenHolder | null;
  /** Writes to the audit. What happens while no manager is open is written when one is. */
  record(entry: NewAuditEntry): void;
}

/** Creates the link, with no manager attached yet. `onChange` is called when rights of people have changed. */
export function linkPeople(onChange: () => void): PeopleLink {
  let people: People | null = null;
  let isAttached = false;
  /** Entries from the time when no manager was open. */
  const unrecorded: NewAuditEntry[] = [];

  return {
    attach(attaching) {
      people = attaching;
      isAttached = true;
      attaching.events.on('account', onChange);
      for (const entry of unrecorded.splice(0)) void attaching.audit.record(entry);
      onChange();
      return () => {
        attaching.events.off('account', onChange);
        if (people === attaching) isAttached = false;
      };
    },
    users() {
      if (people !== null && isAttached) return people.users;
      throw new TpeError('UNAVAILABLE', accountReason('users-not-open'));
    },
    wasAttached: () => people !== null,
    find: (id) => people?.users.find(id) ?? null,
    holderOf: (token) => people?.tokens.check(token) ?? null,
    record(entry) {
      if (people !== null && isAttached) return void people.audit.record(entry);
      unrecorded.push(entry);
      if (unrecorded.length > MAX_UNRECORDED) unrecorded.shift();
    },
  };
}
