import { foldedName } from '../shared/folded-name.js';
import type { Account, Admitted } from './account.js';
import { ADMIN, type Administrator } from './administrator.js';
import { verifyPassword } from './password-hash.js';
import type { PasswordQueue, QueuedCaller } from './password-queue.js';
import { MAX_PASSWORD_LENGTH } from './password-rule.js';
import type { PeopleLink } from './people-link.js';
import type { KnownUser } from './users.js';

const MAX_NAME_LENGTH = 200;

/** Who signs in with what. */
export interface Credentials {
  user: string;
  password: string;
}

/**
 * Checks a password when it is the caller's turn in the queue. Null: refused. Rejects with BUSY, and with UNAVAILABLE where somebody
 * else than the administrator signs in while the database is away.
 */
export type CredentialCheck = (
  credentials: Credentials,
  caller: QueuedCaller,
  queue: PasswordQueue,
) => Promise<Admitted | null>;

/** `awaitsPeople`: a manager will be open, with people in its database. */
export function createCredentialCheck(
  administrator: Administrator,
  people: PeopleLink,
  awaitsPeople: boolean,
): CredentialCheck {
  return async ({ user, password }, caller, queue) => {
    if (password.length > MAX_PASSWORD_LENGTH || user.length > MAX_NAME_LENGTH) return null;
    const verified = (hash: string) => queue.run(caller, () => verifyPassword(password, hash));
    if (foldedName(user) === ADMIN) {
      // Before the password is looked at: a session of one that is replaced meanwhile does not count.
      const admitted = administrator.admitted();
      return (await verified(administrator.hash())) ? admitted : null;
    }
    const isNobodyElse = !people.wasAttached() && !awaitsPeople;
    const found = isNobodyElse ? null : await people.users().credentialOf(user);
    // A password is checked for an unknown user too, so that the time taken does not tell who exists.
    const isRight = await verified(found?.hash ?? administrator.hash());
    if (found === null || !isRight) return null;
    await people.users().noteLogin(found.id);
    const known = people.find(found.id);
    return known && { account: accountOf(known), mark: found.mark };
  };
}

export function accountOf({ id, name, fullName, role }: KnownUser): Account {
  return { id, name, fullName, role };
}
