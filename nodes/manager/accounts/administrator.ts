import { randomUUID } from 'node:crypto';
import type { Account, Admitted } from './account.js';
import type { DataFolderSecrets } from './data-folder-secrets.js';
import { hashPassword } from './password-hash.js';
import { checkPassword } from './password-rule.js';
import { RESERVED_NAME } from './user-name.js';

/** The administrator of the data folder, who is there without any database. The other people are in the database. */
export const ADMIN = RESERVED_NAME;
// No id of the database is like it.
const ACCOUNT: Account = { id: ADMIN, name: ADMIN, fullName: '', role: 'administrator' };

/** `admin`, by the secrets of the data folder. */
export interface Administrator {
  /** As of now. */
  admitted(): Admitted;
  hash(): string;
  /** Ends the sessions of `admin`; `keep` is told the new mark for the one that goes on. INVALID_INPUT, UNAVAILABLE. */
  setPassword(password: string, keep: (mark: string) => void): Promise<void>;
}

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
