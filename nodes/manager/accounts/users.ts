import type { Database, Row } from '../database/database.js';
import { isStorable } from '../registry/text.js';
import { TpeError } from '../tpe-error.js';
import { generatePassword, hashPassword } from './password-hash.js';
import { ROLES, type Role } from './role.js';

/** Somebody who may sign in, beside the administrator of the data folder. */
export interface User {
  name: string;
  fullName: string;
  role: Role;
  enabled: boolean;
  hasPassword: boolean;
  /** Signs in by OpenID Connect. */
  isExternal: boolean;
  /** ISO 8601 UTC. */
  createdAt: string;
  lastLoginAt: string | null;
}

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

/** The people in the database. All methods but `find` reject with UNAVAILABLE while it is away. */
export interface Users {
  /** By name. */
  list(): Promise<User[]>;
  /** As last read; null when unknown or disabled. `sessionsFrom`, ms: sessions that began before do not count. */
  find(name: string): (User & { sessionsFrom: number }) | null;
  /** A password that was generated is told here and never again. INVALID_INPUT, CONFLICT. */
  create(user: NewUser, createdBy: string): Promise<{ user: User; password: string | null }>;
  /** Holds for open sessions, too. NOT_FOUND, INVALID_INPUT. */
  update(name: string, change: { fullName?: string; role?: Role; enabled?: boolean }): Promise<User>;
  /** Ends the sessions of the user. NOT_FOUND, INVALID_INPUT. */
  setPassword(name: string, password?: string): Promise<{ password: string | null }>;
  /** NOT_FOUND. */
  endSessions(name: string): Promise<void>;
  /** NOT_FOUND. */
  remove(name: string): Promise<void>;
  /** What a password is checked against; null when unknown, disabled or without a password. */
  passwordHash(name: string): Promise<{ name: string; hash: string } | null>;
  noteLogin(name: string): Promise<void>;
  /** Makes the account at the first sign-in, and takes over name and role at each. CONFLICT for a name of somebody else. */
  admitExternal(user: ExternalUser): Promise<User>;
}

export interface UsersKeeper extends Users {
  /** Reads all again; true when something changed. */
  reload(): Promise<boolean>;
}

interface UserRow extends Row {
  name: string;
  full_name: string;
  role: Role;
  enabled: boolean;
  has_password: boolean;
  is_external: boolean;
  created_at: Date;
  last_login_at: Date | null;
  sessions_from: Date;
}

/** The administrator of the data folder has it. */
const RESERVED = 'admin';
const SHORTEST_PASSWORD = 8;
const LONGEST_PASSWORD = 1000;
const LONGEST_NAME = 100;
const COLUMNS = `name, full_name, role, enabled, password_hash is not null as has_password,
  external_id is not null as is_external, created_at, last_login_at, sessions_from`;

/** The people in a migrated database; `onChange` is told after each change made here. */
export function createUsers(database: Database, onChange: () => void): UsersKeeper {
  let known = new Map<string, User & { sessionsFrom: number }>();
  let read = '';

  const reload = async (): Promise<boolean> => {
    const rows = await database.query<UserRow>(`select ${COLUMNS} from tpe_account order by lower(name)`);
    known = new Map(
      rows.map((row) => [
        row.name.toLowerCase(),
        { ...toUser(row), sessionsFrom: row.sessions_from.getTime() },
      ]),
    );
    const text = JSON.stringify(rows.map(({ last_login_at: _at, ...row }) => row));
    const isNew = text !== read;
    read = text;
    return isNew;
  };

  const change = async (sql: string, parameters: unknown[]): Promise<User> => {
    const [row] = isStorable(String(parameters[0])) ? await database.query<UserRow>(sql, parameters) : [];
    if (row === undefined)
      throw new TpeError('NOT_FOUND', `There is no user ${JSON.stringify(parameters[0])}.`);
    await reload();
    onChange();
    return toUser(row);
  };

  return {
    reload,
    async list() {
      await reload();
      return [...known.values()].map(({ sessionsFrom: _from, ...user }) => user);
    },
    find(name) {
      const user = known.get(name.toLowerCase());
      return user?.enabled ? user : null;
    },
    async create({ name, fullName = '', role, password }, createdBy) {
      checkName(name);
      checkRole(role);
      checkFullName(fullName);
      const { made, hash } = await passwordOf(password);
      const [row] = await database.query<UserRow>(
        `insert into tpe_account (name, full_name, role, password_hash, created_by) values ($1, $2, $3, $4, $5)
         on conflict do nothing returning ${COLUMNS}`,
        [name, fullName, role, hash, createdBy],
      );
      if (row === undefined) throw taken(name);
      await reload();
      onChange();
      return { user: toUser(row), password: made };
    },
    async update(name, { fullName, role, enabled }) {
      if (role !== undefined) checkRole(role);
      if (fullName !== undefined) checkFullName(fullName);
      return await change(
        `update tpe_account set full_name = coalesce($2, full_name), role = coalesce($3, role),
           enabled = coalesce($4, enabled)
         where lower(name) = lower($1) returning ${COLUMNS}`,
        [name, fullName ?? null, role ?? null, enabled ?? null],
      );
    },
    async setPassword(name, password) {
      const { made, hash } = await passwordOf(password);
      await change(
        `update tpe_account set password_hash = $2, sessions_from = clock_timestamp()
         where lower(name) = lower($1) returning ${COLUMNS}`,
        [name, hash],
      );
      return { password: made };
    },
    async endSessions(name) {
      await change(
        `update tpe_account set sessions_from = clock_timestamp() where lower(name) = lower($1) returning ${COLUMNS}`,
        [name],
      );
    },
    async remove(name) {
      await change(`delete from tpe_account where lower(name) = lower($1) returning ${COLUMNS}`, [name]);
    },
    async passwordHash(name) {
      if (!isStorable(name)) return null;
      const [row] = await database.query<{ name: string; hash: string }>(
        `select name, password_hash as hash from tpe_account
         where lower(name) = lower($1) and enabled and password_hash is not null`,
        [name],
      );
      return row ?? null;
    },
    async noteLogin(name) {
      await database.query('update tpe_account set last_login_at = now() where name = $1', [name]);
    },
    async admitExternal({ externalId, name, fullName, role }) {
      checkName(name);
      const [row] = await database
        .query<UserRow>(
          `insert into tpe_account (name, full_name, role, external_id, created_by, last_login_at)
         values ($1, $2, $3, $4, 'OpenID Connect', now())
         on conflict (external_id) do update set full_name = excluded.full_name, role = excluded.role,
           last_login_at = excluded.last_login_at
         returning ${COLUMNS}`,
          [name, fullName.slice(0, 200), role, externalId],
        )
        .catch((error: { code?: string }) => {
          if (error.code === '23505') throw taken(name);
          throw error;
        });
      await reload();
      onChange();
      return toUser(row!);
    },
  };
}

function toUser(row: UserRow): User {
  return {
    name: row.name,
    fullName: row.full_name,
    role: row.role,
    enabled: row.enabled,
    hasPassword: row.has_password,
    isExternal: row.is_external,
    createdAt: row.created_at.toISOString(),
    lastLoginAt: row.last_login_at?.toISOString() ?? null,
  };
}

function checkName(name: string): void {
  const isGood = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]*$/u.test(name) && name.length <= LONGEST_NAME;
  if (!isGood)
    throw invalid(
      'name',
      `has 1 to ${LONGEST_NAME} letters, digits and . _ @ + -, and begins with a letter or digit`,
    );
  if (name.toLowerCase() === RESERVED)
    throw new TpeError(
      'CONFLICT',
      `"${RESERVED}" is the administrator of this installation: take another name.`,
    );
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

function checkPassword(password: string): string {
  if (password.length >= SHORTEST_PASSWORD && password.length <= LONGEST_PASSWORD) return password;
  throw invalid('password', `has ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} characters`);
}

function taken(name: string): TpeError {
  return new TpeError('CONFLICT', `There is a user ${JSON.stringify(name)} already: take another name.`);
}

function invalid(field: string, rule: string): TpeError {
  return new TpeError('INVALID_INPUT', `"${field}" ${rule}.`, { field });
}
