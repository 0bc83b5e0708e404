import { randomUUID } from 'node:crypto';
import type { Database, Row } from '../database/database.js';
import { foldedName } from '../shared/folded-name.js';
import { ROLES, type Role } from '../shared/role.js';
import { isStorable } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import { generatePassword, hashPassword } from './password-hash.js';
import { checkPassword } from './password-rule.js';
import { newUserName } from './user-name.js';

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

interface UserRow extends Row {
  id: string;
  name: string;
  name_key: string;
  full_name: string;
  role: Role;
  enabled: boolean;
  has_password: boolean;
  is_external: boolean;
  created_at: Date;
  last_login_at: Date | null;
  sign_out_mark: string;
}

const COLUMNS = `id, name, name_key, full_name, role, enabled, password_hash is not null as has_password,
  external_id is not null as is_external, created_at, last_login_at, sign_out_mark`;

/** The people in a migrated database. */
export function createUsers(database: Database, { onChange, onOwnChange }: UsersOptions): UsersKeeper {
  let known = new Map<string, KnownUser>();
  let read = '';
  let started = 0;
  let taken = 0;

  const reload = async (): Promise<void> => {
    started += 1;
    const own = started;
    const rows = await database.query<UserRow>(`select ${COLUMNS} from tpe_account order by name_key`);
    // One that began later has been here: what this one read may be from before a change.
    if (own < taken) return;
    taken = own;
    known = new Map(rows.map((row) => [row.id, toUser(row)]));
    const text = JSON.stringify(rows.map(({ last_login_at: _at, ...row }) => row));
    if (text === read) return;
    read = text;
    onChange();
  };

  const tell = async () => {
    await reload();
    onOwnChange();
  };

  /** Runs a statement of which the first parameter is the id. */
  const changeRow = async (sql: string, parameters: [string, ...unknown[]]): Promise<KnownUser> => {
    const [row] = isStorable(parameters[0]) ? await database.query<UserRow>(sql, parameters) : [];
    if (row === undefined) throw new TpeError('NOT_FOUND', 'This user no longer exists.');
    return toUser(row);
  };

  const insert = async (user: NewUser & { externalId?: string; hash?: string; createdBy: string }) => {
    const name = newUserName(user.name);
    const { fullName = '', role, hash = null, externalId = null, createdBy } = user;
    const [row] = await database.query<UserRow>(
      `insert into tpe_account (id, name, name_key, sign_out_mark, full_name, role, password_hash, external_id, created_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning ${COLUMNS}`,
      [randomUUID(), name, foldedName(name), randomUUID(), fullName, role, hash, externalId, createdBy],
    );
    return row;
  };

  const updateExternal = async ({ externalId, fullName, role }: ExternalUser) => {
    const [row] = await database.query<UserRow>(
      `update tpe_account set full_name = $2, role = $3, last_login_at = now() where external_id = $1 returning ${COLUMNS}`,
      [externalId, fullName.slice(0, 200), role],
    );
    return row;
  };

  return {
    reload,
    async list() {
      await reload();
      return [...known.values()].map(withoutMark);
    },
    find(id) {
      const user = known.get(id);
      return user?.enabled ? user : null;
    },
    async create({ name, fullName = '', role, password }, createdBy) {
      newUserName(name);
      checkRole(role);
      checkFullName(fullName);
      const { made, hash } = await passwordOf(password);
      const row = await insert({ name, fullName, role, hash, createdBy });
      if (row === undefined) throw takenName(name);
      await tell();
      return { user: withoutMark(toUser(row)), password: made };
    },
    async update(id, { fullName, role, enabled }) {
      if (role !== undefined) checkRole(role);
      if (fullName !== undefined) checkFullName(fullName);
      if (enabled && known.get(id)?.nameClash) throw clashing(known.get(id)!.name);
      const user = await changeRow(
        `update tpe_account set full_name = coalesce($2, full_name), role = coalesce($3, role),
           enabled = coalesce($4, enabled)
         where id = $1 returning ${COLUMNS}`,
        [id, fullName ?? null, role ?? null, enabled ?? null],
      );
      await tell();
      return withoutMark(user);
    },
    async setPassword(id, password, keep) {
      const { made, hash } = await passwordOf(password);
      const { mark } = await changeRow(
        `update tpe_account set password_hash = $2, sign_out_mark = $3 where id = $1 returning ${COLUMNS}`,
        [id, hash, randomUUID()],
      );
      keep?.(mark);
      await tell();
      return { password: made };
    },
    async endSessions(id) {
      await changeRow(`update tpe_account set sign_out_mark = $2 where id = $1 returning ${COLUMNS}`, [
        id,
        randomUUID(),
      ]);
      await tell();
    },
    async remove(id) {
      await changeRow(`delete from tpe_account where id = $1 returning ${COLUMNS}`, [id]);
      await tell();
    },
    async noteLogin(id) {
      await database.query('update tpe_account set last_login_at = now() where id = $1', [id]);
    },
    async credentialOf(name) {
      const key = foldedName(name);
      if (!isStorable(key)) return null;
      const [row] = await database.query<Credential & Row>(
        `select id, password_hash as hash, sign_out_mark as mark from tpe_account
         where name_key = $1 and enabled and password_hash is not null`,
        [key],
      );
      // Changed a moment ago through another manager, whose news is still on its way.
      if (row !== undefined && known.get(row.id)?.mark !== row.mark) await reload();
      return row ?? null;
    },
    async admitExternal(user) {
      const createdBy = 'OpenID Connect';
      const row =
        (await updateExternal(user)) ??
        (await insert({ ...user, fullName: user.fullName.slice(0, 200), createdBy })) ??
        // Another tab of the same person came first.
        (await updateExternal(user));
      if (row === undefined) throw takenName(user.name);
      await tell();
      return toUser(row);
    },
  };
}

function toUser(row: UserRow): KnownUser {
  return {
    id: row.id,
    name: row.name,
    fullName: row.full_name,
    role: row.role,
    enabled: row.enabled,
    // No key of a name has a space in it.
    nameClash: row.name_key.includes(' '),
    hasPassword: row.has_password,
    isExternal: row.is_external,
    createdAt: row.created_at.toISOString(),
    lastLoginAt: row.last_login_at?.toISOString() ?? null,
    mark: row.sign_out_mark,
  };
}

function withoutMark({ mark: _mark, ...user }: KnownUser): User {
  return user;
}

function checkFullName(name: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (name.length > 200 || /[\u0000-\u001f\u007f]/.test(name) || !name.isWellFormed())
    throw invalid('fullName', 'has 200 characters at most, and no control characters');
}

function checkRole(role: Role): void {
  if (!ROLES.includes(role)) throw invalid('role', `is one of ${ROLES.join(', ')}`);
}

/** A password as given, or one that is made where none is; `made` is null for a given one. */
async function passwordOf(given: string | undefined): Promise<{ made: string | null; hash: string }> {
  const made = given ? null : generatePassword();
  return { made, hash: await hashPassword(checkPassword(made ?? given ?? '')) };
}

function takenName(name: string): TpeError {
  return new TpeError('CONFLICT', `There is a user ${JSON.stringify(name)} already: take another name.`);
}

function clashing(name: string): TpeError {
  const text = `Another user has the name ${JSON.stringify(name)}, written in another way: remove this one, and add that person under another name.`;
  return new TpeError('CONFLICT', text);
}

function invalid(field: string, rule: string): TpeError {
  return new TpeError('INVALID_INPUT', `"${field}" ${rule}.`, { field });
}
