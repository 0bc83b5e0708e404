import { foldedName } from '../shared/folded-name.js';
import type { Account, Admitted } from './account.js';
import { ADMIN, type Administrator } from './administrator.js';
import { verifyPassword } from './password-hash.js';
import type { PasswordQueue, QueuedCaller } from './password-queue.js';
import { MAX_PASSWORD_LENGTH } from './password-rule.js';
import type { PeopleLink } from './people-link.js';
import type { KnownUser } from './users.js';

const MAX_NAME_LENGTH = 200;

/** The name and password that a person signs in with. */
export interface Credentials {
  user: string;
  password: string;
}

/**
 * Checks a password when the caller's turn in the queue comes; null if it is refused. Rejects with BUSY when too many wait, and with
 * UNAVAILABLE when the database is away and somebody other than the administrator signs in.
 */
export type CredentialCheck = (
  credentials: Credentials,
  caller: QueuedCaller,
  queue: PasswordQueue,
) => Promise<Admitted | null>;

/** Creates the check of passwords. `awaitsPeople` says that a manager with people in its database will be open. */
export function createCredentialCheck(
  administrator: Administrator,
  people: PeopleLink,
  awaitsPeople: boolean,
): CredentialCheck {
  return async ({ user, password }, caller, queue) => {
    if (password.length > MAX_PASSWORD_LENGTH || user.length > MAX_NAME_LENGTH) return null;
    const verified = (hash: string) => queue.run(caller, () => verifyPassword(password, hash));
    if (foldedName(user) === ADMIN) {
      // Read before the password is checked, so that a session does not count if the password is replaced meanwhile.
      const admitted = administrator.admitted();
      return (await verified(administrator.hash())) ? admitted : null;
    }
    const isNobodyElse = !people.wasAttached() && !awaitsPeople;
    const found = isNobodyElse ? null : await people.users().credentialOf(user);
    // A password is also checked for an unknown user, so that the time does not reveal which users exist.
    const isRight = await verified(found?.hash ?? administrator.hash());
    if (found === null || !isRight) return null;
    await people.users().noteLogin(found.id);
    const known = people.find(found.id);
    return known && { account: accountOf(known), mark: found.mark };
  };
}

/** The account of a user, as sessions and callers know it. */
export function accountOf({ id, name, fullName, role }: KnownUser): Account {
  return { id, name, fullName, role };
}
