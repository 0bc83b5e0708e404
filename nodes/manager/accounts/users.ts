import type { Role } from '../shared/role.js';

/** A person who may sign in, other than the administrator of the data folder. */
export interface User {
  /** Never changes and is never used again. */
  id: string;
  name: string;
  fullName: string;
  role: Role;
  enabled: boolean;
  /** Another user has the same name, written in another way, so this one cannot be enabled. */
  nameClash: boolean;
  hasPassword: boolean;
  /** The person signs in by OpenID Connect. */
  isExternal: boolean;
  /** ISO 8601 UTC. */
  createdAt: string;
  lastLoginAt: string | null;
}

/** A user with the sign-out mark. Sessions with another mark have ended. */
export type KnownUser = User & { mark: string };

export interface NewUser {
  name: string;
  fullName?: string;
  role: Role;
  /** If left out, a password is generated. */
  password?: string;
}

/** A person whom an OpenID provider has authenticated. */
export interface ExternalUser {
  /** Issuer and subject, which never change. */
  externalId: string;
  name: string;
  fullName: string;
  role: Role;
}

/** The hash to check a password against, with the sign-out mark of that time. */
export interface Credential {
  id: string;
  hash: string;
  mark: string;
}

/** The people in the database. All methods except `find` reject with UNAVAILABLE while the database is away. */
export interface Users {
  /** All users, sorted by name. */
  list(): Promise<User[]>;
  /** A user as last read; null if unknown or disabled. */
  find(id: string): KnownUser | null;
  /**
   * Creates a user. A generated password is returned here and never again. Rejects with INVALID_INPUT, or with CONFLICT for a name that is
   * taken.
   */
  create(user: NewUser, createdBy: string): Promise<{ user: User; password: string | null }>;
  /**
   * Changes a user, with effect on open sessions too. Rejects with NOT_FOUND, INVALID_INPUT, or CONFLICT for enabling a user whose name is
   * another's.
   */
  update(id: string, change: { fullName?: string; role?: Role; enabled?: boolean }): Promise<User>;
  /**
   * Changes the password, or generates one, and ends the sessions of the user. `keep` gets the new sign-out mark before the change is
   * announced, for the one session that goes on. Rejects with NOT_FOUND or INVALID_INPUT.
   */
  setPassword(
    id: string,
    password?: string,
    keep?: (mark: string) => void,
  ): Promise<{ password: string | null }>;
  /** Ends all sessions of the user. Rejects with NOT_FOUND. */
  endSessions(id: string): Promise<void>;
  /** Removes the user, whose sessions end with it. Rejects with NOT_FOUND. */
  remove(id: string): Promise<void>;
  noteLogin(id: string): Promise<void>;
  /** The credential of a name, however it is written; null if the user is unknown, disabled or without a password. */
  credentialOf(name: string): Promise<Credential | null>;
  /**
   * Creates the account at the first sign-in, and takes over full name and role at each. Rejects with CONFLICT for a name of somebody else,
   * and with INVALID_INPUT for a name that nobody may have.
   */
  admitExternal(user: ExternalUser): Promise<KnownUser>;
}

export interface UsersKeeper extends Users {
  /** Reads all users again. */
  reload(): Promise<void>;
}

export interface UsersOptions {
  /** Called when people are found to have changed, through whichever manager. */
  onChange(): void;
  /** Called after each change made here. */
  onOwnChange(): void;
}
