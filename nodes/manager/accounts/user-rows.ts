import { randomUUID } from 'node:crypto';
import type { Database, Row } from '../database/database.js';
import { foldedName } from '../shared/folded-name.js';
import type { Role } from '../shared/role.js';
import { isStorable } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import { accountReason } from './account-reasons.js';
import { newUserName } from './user-name.js';
import type { ExternalUser, KnownUser, NewUser } from './users.js';

export interface UserRow extends Row {
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

export const COLUMNS = `id, name, name_key, full_name, role, enabled, password_hash is not null as has_password,
  external_id is not null as is_external, created_at, last_login_at, sign_out_mark`;

/** Runs a statement that changes one user, whose id is the first parameter. Rejects with NOT_FOUND. */
export async function changeRow(
  database: Database,
  sql: string,
  parameters: [string, ...unknown[]],
): Promise<KnownUser> {
  const [row] = isStorable(parameters[0]) ? await database.query<UserRow>(sql, parameters) : [];
  if (row === undefined) throw new TpeError('NOT_FOUND', accountReason('user-gone'));
  return toUser(row);
}

/** Inserts a user; undefined if somebody has the name already. Rejects with INVALID_INPUT or CONFLICT for a name that nobody may have. */
export async function insertUser(
  database: Database,
  user: NewUser & { externalId?: string; hash?: string; createdBy: string },
): Promise<UserRow | undefined> {
  const name = newUserName(user.name);
  const { fullName = '', role, hash = null, externalId = null, createdBy } = user;
  const [row] = await database.query<UserRow>(
    `insert into tpe_account (id, name, name_key, sign_out_mark, full_name, role, password_hash, external_id, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning ${COLUMNS}`,
    [randomUUID(), name, foldedName(name), randomUUID(), fullName, role, hash, externalId, createdBy],
  );
  return row;
}

/** Updates a person of an OpenID provider; undefined if the person has no account yet. */
export async function updateExternal(
  database: Database,
  { externalId, fullName, role }: ExternalUser,
): Promise<UserRow | undefined> {
  const [row] = await database.query<UserRow>(
    `update tpe_account set full_name = $2, role = $3, last_login_at = now() where external_id = $1 returning ${COLUMNS}`,
    [externalId, fullName.slice(0, 200), role],
  );
  return row;
}

/** The user of a row. */
export function toUser(row: UserRow): KnownUser {
  return {
    id: row.id,
    name: row.name,
    fullName: row.full_name,
    role: row.role,
    enabled: row.enabled,
    // Only the key of a clashing name has a space (migration 015).
    nameClash: row.name_key.includes(' '),
    hasPassword: row.has_password,
    isExternal: row.is_external,
    createdAt: row.created_at.toISOString(),
    lastLoginAt: row.last_login_at?.toISOString() ?? null,
    mark: row.sign_out_mark,
  };
}
