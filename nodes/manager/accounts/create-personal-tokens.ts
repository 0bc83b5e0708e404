import type { Database, Queryable, Row } from '../database/database.js';
import { FOREIGN_KEY_VIOLATION, sqlstateOf } from '../database/sqlstate.js';
import { lowerRole, mayAct, type Role } from '../shared/role.js';
import { TpeError } from '../shared/tpe-error.js';
import { accountReason } from './account-reasons.js';
import { generateToken, hashToken, isPersonalToken } from './api-token.js';
import {
  type PersonalToken,
  type PersonalTokensKeeper,
  parseNewPersonalToken,
  type TokenMaker,
} from './personal-token.js';
import { DEFAULT_TOKEN_DAYS, MAX_TOKENS_OF_PERSON } from './token-bounds.js';
import type { TokenScope } from './token-scope.js';
import { RESERVED_NAME } from './user-name.js';
import type { KnownUser } from './users.js';

export interface PersonalTokensOptions {
  /** A user in the database, by id; null if unknown or disabled. */
  findUser(id: string): Pick<KnownUser, 'role'> | null;
  /** Called when tokens are found to have changed, through whichever manager. */
  onChange(): void;
  /** Called after each change made here. */
  onOwnChange(): void;
  /** ms since the epoch; the system's clock by default. */
  now?: () => number;
}

interface TokenRow extends Row {
  id: string;
  hash: string;
  /** Id of the account, also for the administrator of the data folder. */
  owner_id: string;
  owner_name: string;
  name: string;
  scope: TokenScope;
  role: Role;
  created_at: Date;
  expires_at: Date;
  last_used_at: Date | null;
}

/** Characters that are invisible or change how the name is read. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const NOTE_EVERY_MS = 60_000;
/** First key of the advisory lock; the second one is of the owner. All managers together create one token of a person at a time. */
const LOCK = 873_632;

const LIST = `
  select token.id::text as id, hash, coalesce(account_id, '${RESERVED_NAME}') as owner_id,
    coalesce(account.name, '${RESERVED_NAME}') as owner_name, token.name, token.scope, token.role, token.created_at, expires_at, last_used_at
  from tpe_api_token as token left join tpe_account as account on account.id = token.account_id
  order by token.id`;
// An expired token leaves its name to a new one.
const CLEAR_NAME = `
  delete from tpe_api_token where account_id is not distinct from $1::text and name = $2 and expires_at <= now()`;
const COUNT = `
  select count(*)::integer as count from tpe_api_token
  where account_id is not distinct from $1::text and expires_at > now()`;
const INSERT = `
  insert into tpe_api_token (account_id, name, role, hash, expires_at, made_with, scope)
  values ($1::text, $2, $3, $4, now() + make_interval(days => $5::integer), $6::bigint, $7) on conflict do nothing returning id::text as id`;
// Compared as text, because the given id may exceed the database's numbers.
const REVOKE = `
  delete from tpe_api_token
  where id::text = $1 and ($2::text is null or coalesce(account_id, '${RESERVED_NAME}') = $2) returning hash`;
const NOTE_USE = `
  update tpe_api_token set last_used_at = now()
  where id::text = $1 and (last_used_at is null or last_used_at < now() - interval '50 seconds')`;

/** Creates the tokens on a migrated database. All of them are held in memory, since each person has only a few. */
export function createPersonalTokens(
  database: Database,
  { findUser, onChange, onOwnChange, now = Date.now }: PersonalTokensOptions,
): PersonalTokensKeeper {
  let byHash = new Map<string, TokenRow>();
  let byId = new Map<string, TokenRow>();
  const notedAt = new Map<string, number>();
  let read = '';
  let started = 0;
  let taken = 0;

  const reload = async (): Promise<void> => {
    started += 1;
    const own = started;
    const rows = await database.query<TokenRow>(LIST);
    // A reload that began later has finished already, and these rows may be older than its rows.
    if (own < taken) return;
    taken = own;
    byHash = new Map(rows.map((row) => [row.hash, row]));
    byId = new Map(rows.map((row) => [row.id, row]));
    for (const id of notedAt.keys()) if (!byId.has(id)) notedAt.delete(id);
    const text = JSON.stringify(rows.map(({ last_used_at: _at, ...row }) => row));
    if (text === read) return;
    read = text;
    onChange();
  };

  const tell = async () => {
    await reload();
    onOwnChange();
  };

  const ownerOf = (id: string): { role: Role } | null =>
    id === RESERVED_NAME ? { role: 'administrator' } : findUser(id);

  const roleNow = ({ owner_id, role, expires_at }: TokenRow): Role | null => {
    const owner = expires_at.getTime() > now() ? ownerOf(owner_id) : null;
    return owner && lowerRole(role, owner.role);
  };

  const toToken = (row: TokenRow): PersonalToken => ({
    id: row.id,
    owner: { id: row.owner_id, name: row.owner_name },
    name: row.name,
    scope: row.scope,
    role: row.role,
    roleNow: roleNow(row),
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  });

  /** Notes the use of a token. Nobody waits for that, and it does no harm when it cannot be written. */
  const noteUse = (id: string): void => {
    if (now() - (notedAt.get(id) ?? Number.NEGATIVE_INFINITY) < NOTE_EVERY_MS) return;
    notedAt.set(id, now());
    database.query(NOTE_USE, [id]).catch(() => undefined);
  };

  const list = async () => {
    await reload();
    return [...byId.values()].map(toToken);
  };

  return {
    reload,
    list,
    listOf: async (accountId) => (await list()).filter(({ owner }) => owner.id === accountId),
    find(id) {
      const row = byId.get(id);
      return row === undefined ? null : toToken(row);
    },
    async create(given, maker) {
      const { name: typed, role, scope = 'rest', days = DEFAULT_TOKEN_DAYS } = parseNewPersonalToken(given);
      const name = tokenName(typed);
      refuseOnWall(scope, role);
      refuseAbove(role, maker, ownerOf(maker.id));
      const token = generateToken();
      const id = await database
        .transaction((transaction) =>
          insert(transaction, maker, { name, scope, role, hash: hashToken(token), days }),
        )
        .catch((error) => {
          throw sqlstateOf(error) === FOREIGN_KEY_VIOLATION ? goneOwner() : error;
        });
      await tell();
      const row = byId.get(id);
      // The token was removed meanwhile, perhaps with its owner.
      if (row === undefined) throw goneToken();
      return { ...toToken(row), token };
    },
    async revoke(id, ownerId) {
      const [gone] = /^\d+$/.test(id)
        ? await database.query<Pick<TokenRow, 'hash'>>(REVOKE, [id, ownerId])
        : [];
      if (gone === undefined) throw goneToken();
      // The token ends even when the database is away at the reload.
      byHash.delete(gone.hash);
      byId.delete(id);
      await tell();
    },
    check(token) {
      const row = isPersonalToken(token) ? byHash.get(hashToken(token)) : undefined;
      const role = row === undefined ? null : roleNow(row);
      if (row === undefined || role === null) return null;
      noteUse(row.id);
      return {
        accountId: row.owner_id,
        name: row.owner_name,
        role,
        tokenId: row.id,
        tokenName: row.name,
        scope: row.scope,
      };
    },
  };
}

/** Inserts a token, and resolves with its id. */
async function insert(
  transaction: Queryable,
  { id: ownerId, tokenId }: TokenMaker,
  {
    name,
    scope,
    role,
    hash,
    days,
  }: { name: string; scope: TokenScope; role: Role; hash: string; days: number },
): Promise<string> {
  const account = ownerId === RESERVED_NAME ? null : ownerId;
  await transaction.query('select pg_advisory_xact_lock($1::integer, hashtext($2))', [LOCK, ownerId]);
  await transaction.query(CLEAR_NAME, [account, name]);
  const [found] = await transaction.query<{ count: number }>(COUNT, [account]);
  if ((found?.count ?? 0) >= MAX_TOKENS_OF_PERSON) throw tooMany();
  const values = [account, name, role, hash, days, tokenId, scope];
  const [made] = await transaction.query<{ id: string }>(INSERT, values);
  if (made === undefined) throw takenName(name);
  return made.id;
}

function tokenName(typed: string): string {
  const name = typed.trim();
  if (name !== '' && name.isWellFormed() && !UNSEEN.test(name)) return name;
  throw new TpeError('INVALID_INPUT', accountReason('token-name-unseen'), { field: 'name' });
}

/** A screen that everybody walks past needs no more than to look. */
function refuseOnWall(scope: TokenScope, role: Role): void {
  if (scope !== 'wall' || role === 'viewer') return;
  throw new TpeError('INVALID_INPUT', accountReason('token-wall-role'), { field: 'role' });
}

function refuseAbove(role: Role, maker: TokenMaker, owner: { role: Role } | null): void {
  if (owner === null) throw goneOwner();
  const most = lowerRole(maker.role, owner.role);
  if (mayAct(most, role)) return;
  throw new TpeError('FORBIDDEN', accountReason('token-role-above', { role: most }), { field: 'role' });
}

function goneOwner(): TpeError {
  return new TpeError('NOT_FOUND', accountReason('token-owner-gone'));
}

function goneToken(): TpeError {
  return new TpeError('NOT_FOUND', accountReason('token-gone'));
}

function takenName(name: string): TpeError {
  return new TpeError('CONFLICT', accountReason('token-name-taken', { name }));
}

function tooMany(): TpeError {
  return new TpeError('CONFLICT', accountReason('too-many-tokens', { count: MAX_TOKENS_OF_PERSON }));
}
