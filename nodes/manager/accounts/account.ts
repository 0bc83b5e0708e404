import type { Role } from '../shared/role.js';

/** Who is signed in. */
export interface Account {
  /** Never changes, and never comes again: what belongs to somebody hangs on it, and not on the name. */
  id: string;
  name: string;
  fullName: string;
  role: Role;
}

/** Somebody who has just proved who they are. */
export interface Admitted {
  account: Account;
  /** The sign-out mark that the account had then: a session counts for as long as it is the same. */
  mark: string;
}

/** Where somebody's password is changed: here, at an OpenID provider, or in the environment of this installation. */
export type PasswordPlace = 'here' | 'elsewhere' | 'environment';
