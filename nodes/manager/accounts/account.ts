import type { Role } from '../shared/role.js';

/** The account of somebody who signs in: a person in the database, or the administrator of the data folder. */
export interface Account {
  /** Never changes and is never used again. Whatever belongs to a person refers to the id, and not to the name. */
  id: string;
  name: string;
  fullName: string;
  role: Role;
}

/** A person who has just proved who they are. */
export interface Admitted {
  account: Account;
  /** The account's sign-out mark at that time. A session is valid as long as the account has the same mark. */
  mark: string;
}

/** Where a person's password is changed: here, at an OpenID provider, or in the environment of this installation. */
export type PasswordPlace = 'here' | 'elsewhere' | 'environment';
