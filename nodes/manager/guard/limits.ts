import type { Database, Queryable, Row } from '../database/database.js';
import { badField } from '../shared/invalid-input.js';
import { isStorable } from '../shared/text.js';
import { GUARD_SCOPES, type GuardScope, type Limit, type NewLimit, parseNewLimit } from './guard.js';

/** The limits of how many gateways may be disturbed at once. */
export interface Limits {
  list(): Promise<Limit[]>;
  set(limit: NewLimit, by: string): Promise<void>;
}

/** What holds where nobody has set a limit; null: none, or for sites the share of their gateways. */
const BUILT_IN: Readonly<Record<GuardScope, number | null>> = { fleet: 200, site: null, model: null, set: 1 };

interface LimitRow extends Row {
  scope: GuardScope;
  value: string;
  max: number;
  set_by: string | null;
  set_at: Date | null;
}

const LIST = `
  select scope, value, max_disturbed as max, set_by, set_at from tpe_guard_scope
  where max_disturbed is not null order by scope, value`;
/** The limits that people have set for these scopes and values, and the defaults. */
const READ = `
  select scope, value, max_disturbed as max, set_by, set_at from tpe_guard_scope
  where max_disturbed is not null
    and (value = '' or (scope, value) in (select * from unnest($1::text[], $2::text[])))`;
const SET = `
  insert into tpe_guard_scope as known (scope, value, max_disturbed, set_by, set_at) values ($1, $2, $3, $4, now())
  on conflict (scope, value) do update
    set max_disturbed = excluded.max_disturbed, set_by = excluded.set_by, set_at = excluded.set_at`;
const UNSET = "delete from tpe_guard_scope where scope = $1 and value = $2 and value <> ''";
const UNSET_DEFAULT = `
  update tpe_guard_scope set max_disturbed = null, set_by = $3, set_at = now()
  where scope = $1 and value = $2 and value = ''`;
const LOCK = "select from tpe_guard_scope where scope = 'fleet' and value = '' for update";
const MAKE = "insert into tpe_guard_scope (scope, value) values ('fleet', '') on conflict do nothing";

/**
 * Has all others that take slots or set limits wait until the transaction ends. Each slot counts for the fleet, so its row is the one
 * lock that all of them need, and no order of locks has to be kept.
 */
export async function lockSlots(transaction: Queryable): Promise<void> {
  if ((await transaction.query(LOCK)).length > 0) return;
  await transaction.query(MAKE);
  await transaction.query(LOCK);
}

/** Opens the limits on a migrated database. */
export function createLimits(database: Database): Limits {
  return {
    async list() {
      const rows = await database.query<LimitRow>(LIST);
      const isSet = (scope: GuardScope) => rows.some((row) => row.scope === scope && row.value === '');
      const builtIn = GUARD_SCOPES.filter((scope) => !isSet(scope)).map(builtInLimit);
      const all = [...builtIn, ...rows.map(toLimit)];
      return [...all.filter(({ value }) => value === ''), ...all.filter(({ value }) => value !== '')];
    },
    async set(given, by) {
      const { scope, value, max } = parseNewLimit(given);
      if (scope === 'fleet' && value !== '') throw badField('value', 'empty for the fleet');
      if (!isStorable(value)) throw badField('value', 'text that the database can store');
      await database.transaction(async (transaction) => {
        await lockSlots(transaction);
        if (max !== null) return void (await transaction.query(SET, [scope, value, max, by]));
        await transaction.query(UNSET, [scope, value]);
        await transaction.query(UNSET_DEFAULT, [scope, value, by]);
      });
    },
  };
}

/** Reads limits; the result gives that of a scope and value: null for none, or for a site its share. */
export async function readLimits(
  transaction: Queryable,
  wanted: readonly { scope: GuardScope; value: string }[],
): Promise<(scope: GuardScope, value: string) => number | null> {
  const rows = await transaction.query<LimitRow>(READ, [
    wanted.map(({ scope }) => scope),
    wanted.map(({ value }) => value),
  ]);
  return limitsIn(rows);
}

/** The limit of a scope and value among these: null for none, or for a site its share. */
export function limitsIn(
  limits: readonly Pick<Limit, 'scope' | 'value' | 'max'>[],
): (scope: GuardScope, value: string) => number | null {
  const known = new Map(limits.map(({ scope, value, max }) => [`${scope} ${value}`, max]));
  return (scope, value) => known.get(`${scope} ${value}`) ?? known.get(`${scope} `) ?? BUILT_IN[scope];
}

function builtInLimit(scope: GuardScope): Limit {
  return { scope, value: '', max: BUILT_IN[scope], setBy: null, setAt: null };
}

function toLimit({ scope, value, max, set_by, set_at }: LimitRow): Limit {
  return { scope, value, max, setBy: set_by, setAt: set_at?.toISOString() ?? null };
}
