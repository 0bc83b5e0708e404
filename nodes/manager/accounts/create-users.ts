import { randomUUID } from 'node:crypto';
import type { Database, Row } from '../database/database.js';
import { foldedName } from '../shared/folded-name.js';
import type { Reason } from '../shared/reason.js';
import { ROLES, type Role } from '../shared/role.js';
import { isStorable } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import { accountReason } from './account-reasons.js';
import { generatePassword, hashPassword } from './password-hash.js';
import { checkPassword } from './password-rule.js';
import { newUserName } from './user-name.js';
import { COLUMNS, changeRow, insertUser, toUser, type UserRow, updateExternal } from './user-rows.js';
import type { Credential, KnownUser, User, UsersKeeper, UsersOptions } from './users.js';

const MAX_FULL_NAME_LENGTH = 200;

/** Creates the users on a migrated database. */
export function createUsers(database: Database, { onChange, onOwnChange }: UsersOptions): UsersKeeper {
  let known = new Map<string, KnownUser>();
  let read = '';
  let started = 0;
  let taken = 0;

  const reload = async (): Promise<void> => {
    started += 1;
    const own = started;
    const rows = await database.query<UserRow>(`select ${COLUMNS} from tpe_account order by name_key`);
    // A reload that began later has finished already, and these rows may be older than its rows.
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
      const row = await insertUser(database, { name, fullName, role, hash, createdBy });
      if (row === undefined) throw takenName(name);
      await tell();
      return { user: withoutMark(toUser(row)), password: made };
    },
    async update(id, { fullName, role, enabled }) {
      if (role !== undefined) checkRole(role);
      if (fullName !== undefined) checkFullName(fullName);
      if (enabled && known.get(id)?.nameClash) throw clashing(known.get(id)!.name);
      const user = await changeRow(
        database,
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
        database,
        `update tpe_account set password_hash = $2, sign_out_mark = $3 where id = $1 returning ${COLUMNS}`,
        [id, hash, randomUUID()],
      );
      keep?.(mark);
      await tell();
      return { password: made };
    },
    async endSessions(id) {
      await changeRow(
        database,
        `update tpe_account set sign_out_mark = $2 where id = $1 returning ${COLUMNS}`,
        [id, randomUUID()],
      );
      await tell();
    },
    async remove(id) {
      await changeRow(database, `delete from tpe_account where id = $1 returning ${COLUMNS}`, [id]);
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
      // The user has just changed through another manager, whose notification is still on its way.
      if (row !== undefined && known.get(row.id)?.mark !== row.mark) await reload();
      return row ?? null;
    },
    async admitExternal(user) {
      const createdBy = 'OpenID Connect';
      const row =
        (await updateExternal(database, user)) ??
        (await insertUser(database, {
          ...user,
          fullName: user.fullName.slice(0, MAX_FULL_NAME_LENGTH),
          createdBy,
        })) ??
        // Another tab of the same person has created the account meanwhile.
        (await updateExternal(database, user));
      if (row === undefined) throw takenName(user.name);
      await tell();
      return toUser(row);
    },
  };
}

function withoutMark({ mark: _mark, ...user }: KnownUser): User {
  return user;
}

function checkFullName(name: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (name.length > MAX_FULL_NAME_LENGTH || /[\u0000-\u001f\u007f]/.test(name) || !name.isWellFormed())
    throw invalid('fullName', accountReason('user-full-name', { most: MAX_FULL_NAME_LENGTH }));
}

function checkRole(role: Role): void {
  if (!ROLES.includes(role)) throw invalid('role', `"role" is one of ${ROLES.join(', ')}.`);
}

/** The hash of the given password, or of a generated one. `made` is null for a given one. */
async function passwordOf(given: string | undefined): Promise<{ made: string | null; hash: string }> {
  const made = given ? null : generatePassword();
  return { made, hash: await hashPassword(checkPassword(made ?? given ?? '')) };
}

function takenName(name: string): TpeError {
  return new TpeError('CONFLICT', accountReason('user-exists', { user: name }));
}

function clashing(name: string): TpeError {
  return new TpeError('CONFLICT', accountReason('user-name-clash', { user: name }));
}

function invalid(field: string, reason: string | Reason): TpeError {
  return new TpeError('INVALID_INPUT', reason, { field });
}
