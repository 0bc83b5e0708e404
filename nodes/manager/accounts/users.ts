import type { Role } from '../shared/role.js';

/** Somebody who may sign in, beside the administrator of the data folder. */
export interface User {
  /** Never changes, and never comes again. */
  id: string;
  name: string;
  fullName: string;
  role: Role;
  enabled: boolean;
  /** Somebody else had the same name before, written in another way: it cannot be enabled. */
  nameClash: boolean;
  hasPassword: boolean;
  /** Signs in by OpenID Connect. */
  isExternal: boolean;
  /** ISO 8601 UTC. */
  createdAt: string;
  lastLoginAt: string | null;
}

/** A user as the doors need it: `mark` is the sign-out mark, sessions with another one are over. */
export type KnownUser = User & { mark: string };

export interface NewUser {
  name: string;
  fullName?: string;
  role: Role;
  /** Left out: one is generated. */
  password?: string;
}

/** Somebody as another place vouches for. */
export interface ExternalUser {
  /** Issuer and subject: the same for ever. */
  externalId: string;
  name: string;
  fullName: string;
  role: Role;
}

/** What a password is checked against, and the sign-out mark that it stands beside. */
export interface Credential {
  id: string;
  hash: string;
  mark: string;
}

/** The people in the database. All methods but `find` reject with UNAVAILABLE while it is away; all but the last go by id. */
export interface Users {
  /** By name. */
  list(): Promise<User[]>;
  /** As last read; null when unknown or disabled. */
  find(id: string): KnownUser | null;
  /** A password that was generated is told here and never again. INVALID_INPUT, CONFLICT. */
  create(user: NewUser, createdBy: string): Promise<{ user: User; password: string | null }>;
  /** Holds for open sessions, too. NOT_FOUND, INVALID_INPUT, CONFLICT for enabling who has the name of another. */
  update(id: string, change: { fullName?: string; role?: Role; enabled?: boolean }): Promise<User>;
  /**
   * Ends the sessions of the user; `keep` is told the new sign-out mark before anybody else is told, for the one session that goes on.
   * NOT_FOUND, INVALID_INPUT.
   */
  setPassword(
    id: string,
    password?: string,
    keep?: (mark: string) => void,
  ): Promise<{ password: string | null }>;
  /** NOT_FOUND. */
  endSessions(id: string): Promise<void>;
  /** NOT_FOUND. */
  remove(id: string): Promise<void>;
  noteLogin(id: string): Promise<void>;
  /** Of a name, however it is written; null when unknown, disabled or without a password. */
  credentialOf(name: string): Promise<Credential | null>;
  /**
   * Makes the account at the first sign-in, and takes over full name and role at each. CONFLICT for a name of somebody else,
   * INVALID_INPUT for one that nobody may have.
   */
  admitExternal(user: ExternalUser): Promise<KnownUser>;
}

export interface UsersKeeper extends Users {
  /** Reads all again. */
  reload(): Promise<void>;
}

export interface UsersOptions {
  /** Told whenever people are seen to have changed, whoever changed them. */
  onChange(): void;
  /** Told after each change made here. */
  onOwnChange(): void;
}
