import { randomUUID } from 'node:crypto';
import type { Account, Admitted } from './account.js';
import type { DataFolderSecrets } from './data-folder-secrets.js';
import { hashPassword } from './password-hash.js';
import { checkPassword } from './password-rule.js';
import { RESERVED_NAME } from './user-name.js';

/** The administrator of the data folder, who exists without any database. All other people are in the database. */
export const ADMIN = RESERVED_NAME;
// Ids in the database are UUIDs, so none of them is the same.
const ACCOUNT: Account = { id: ADMIN, name: ADMIN, fullName: '', role: 'administrator' };

/** The account `admin`, whose password is in the secrets of the data folder. */
export interface Administrator {
  /** The account with its sign-out mark now. */
  admitted(): Admitted;
  hash(): string;
  /**
   * Changes the password of `admin` and ends its sessions. `keep` gets the new sign-out mark, for the one session that goes on. Rejects
   * with INVALID_INPUT for a password that breaks the rules, and with UNAVAILABLE when the file cannot be written.
   */
  setPassword(password: string, keep: (mark: string) => void): Promise<void>;
}

/** Creates the account `admin` on the secrets of a data folder. */
export function createAdministrator(secrets: DataFolderSecrets): Administrator {
  return {
    admitted: () => ({ account: ACCOUNT, mark: secrets.now().adminMark ?? '' }),
    hash: () => secrets.now().passwordHash,
    async setPassword(password, keep) {
      const passwordHash = await hashPassword(checkPassword(password));
      const adminMark = randomUUID();
      secrets.change({ passwordHash, adminMark });
      keep(adminMark);
    },
  };
}
