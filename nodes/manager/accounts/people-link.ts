import type { Audit } from '../audit/audit.js';
import type { NewAuditEntry } from '../audit/audit-entry.js';
import { TpeError } from '../shared/tpe-error.js';
import type { PersonalTokens, TokenHolder } from './personal-token.js';
import type { KnownUser, Users } from './users.js';

const MAX_UNRECORDED = 100;

/** What accounts need of a device manager: the people in its database and their tokens, its audit, and when the rights of people change. */
export interface People {
  readonly users: Users;
  readonly tokens: Pick<PersonalTokens, 'check'>;
  readonly audit: Audit;
  readonly events: {
    on(event: 'account', listener: () => void): unknown;
    off(event: 'account', listener: () => void): unknown;
  };
}

/** The people of the manager that is open now, if any is. */
export interface PeopleLink {
  /** The returned function ends it. Who is known stays known meanwhile. */
  attach(people: People): () => void;
  /** UNAVAILABLE while no manager is open. */
  users(): Users;
  /** Whether any manager was ever open. */
  wasAttached(): boolean;
  /** As last read; null when unknown or disabled. */
  find(id: string): KnownUser | null;
  /** Who acts with a personal token, as last read; null where it does not count. */
  holderOf(token: string): TokenHolder | null;
  /** Writes to the audit; what happens before a manager is open is written when it is. */
  record(entry: NewAuditEntry): void;
}

/** `onChange` is told when the rights of people have changed. */
export function linkPeople(onChange: () => void): PeopleLink {
  let people: People | null = null;
  let isAttached = false;
  /** What happened before a manager was open. */
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
      throw new TpeError(
        'UNAVAILABLE',
        'The device manager is not open yet, and with it the list of users: try again in a moment.',
      );
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
