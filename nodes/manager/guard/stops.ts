import type { Database, Queryable, Row } from '../database/database.js';
import { badField } from '../shared/invalid-input.js';
import { type Page, pageById } from '../shared/page.js';
import { isStorable } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import {
  type NewStop,
  parseNewStop,
  parseStopQuery,
  type Stop,
  type StopQuery,
  type StopScope,
} from './guard.js';
import { guardReason } from './guard-reasons.js';
import { STOP_LOCK } from './stop-statements.js';

/** The record of stops. */
export interface Stops {
  /** See Guard; `isNew` is false for a stop from before. */
  stop(stop: NewStop, by: string): Promise<{ stop: Stop; isNew: boolean }>;
  lift(id: string, by: string): Promise<Stop>;
  list(query: StopQuery): Promise<Page<Stop>>;
  active(): Promise<Stop[]>;
  of(clientid: string, job: string | null): Promise<Stop | null>;
}

interface StopRow extends Row {
  id: string;
  scope: StopScope;
  value: string | null;
  reason: string;
  created_by: string;
  created_at: Date;
  lifted_by: string | null;
  lifted_at: Date | null;
}

const COLUMNS = `stop.id::text as id, stop.scope, stop.value, stop.reason, stop.created_by, stop.created_at,
  stop.lifted_by, stop.lifted_at`;
const INSERT = `
  insert into tpe_stop as stop (scope, value, reason, created_by) values ($1, $2, $3, $4)
  on conflict (scope, coalesce(value, '')) where lifted_at is null do nothing returning ${COLUMNS}`;
const ACTIVE_OF_SCOPE = `
  select ${COLUMNS} from tpe_stop stop
  where stop.scope = $1 and coalesce(stop.value, '') = coalesce($2, '') and stop.lifted_at is null`;
const LIFT = `
  update tpe_stop stop set lifted_by = $2, lifted_at = now() where stop.id = $1 and stop.lifted_at is null
  returning ${COLUMNS}`;
const ONE = `select ${COLUMNS} from tpe_stop stop where stop.id = $1`;
const ACTIVE = `select ${COLUMNS} from tpe_stop stop where stop.lifted_at is null order by stop.id`;
const LIST = `
  select ${COLUMNS} from tpe_stop stop
  where ($1 or stop.lifted_at is null) and ($2::bigint is null or stop.id < $2) order by stop.id desc limit $3`;
/** Reads without the lock: it shows what holds, and lets nothing pass. */
const OF_GATEWAY = `
  select ${COLUMNS} from tpe_stop stop left join clientid_profile gateway on gateway.clientid = $1
  where stop.lifted_at is null and case stop.scope when 'fleet' then true when 'site' then gateway.site = stop.value
    when 'model' then gateway.model_name = stop.value else stop.value = $2::text end
  order by stop.id limit 1`;

/** Opens the record of stops on a migrated database. */
export function createStops(database: Database): Stops {
  return {
    async stop(given, by) {
      const { scope, value, reason } = checked(given);
      return await database.transaction(async (transaction) => {
        // Waits for the statements that have looked already; those that come behind wait for this commit, and find the stop.
        await transaction.query('select pg_advisory_xact_lock($1)', [STOP_LOCK]);
        const [made] = await transaction.query<StopRow>(INSERT, [scope, value, reason, by]);
        if (made !== undefined) return { stop: toStop(made), isNew: true };
        const [found] = await transaction.query<StopRow>(ACTIVE_OF_SCOPE, [scope, value]);
        return { stop: toStop(found!), isNew: false };
      });
    },
    async lift(id, by) {
      if (!/^[0-9]{1,18}$/.test(id)) throw unknown(id);
      const [lifted] = await database.query<StopRow>(LIFT, [id, by]);
      if (lifted !== undefined) return toStop(lifted);
      throw await whyNotLifted(database, id);
    },
    async list(query) {
      const { includeLifted = false, before = null, limit = 50 } = parseStopQuery(query);
      const rows = await database.query<StopRow>(LIST, [includeLifted, before, limit]);
      return pageById(rows.map(toStop), limit, ({ id }) => id);
    },
    active: async () => (await database.query<StopRow>(ACTIVE)).map(toStop),
    async of(clientid, job) {
      if (!isStorable(clientid)) return null;
      const [row] = await database.query<StopRow>(OF_GATEWAY, [clientid, job]);
      return row === undefined ? null : toStop(row);
    },
  };
}

function checked(given: NewStop): { scope: StopScope; value: string | null; reason: string } {
  const { scope, value = null, reason } = parseNewStop(given);
  if (scope === 'fleet' && value !== null) throw badField('value', 'left out for the fleet');
  if (scope !== 'fleet' && value === null) throw badField('value', `the ${scope} that is stopped`);
  if (!isStorable(value ?? '')) throw badField('value', 'text that the database can store');
  if (!isStorable(reason)) throw badField('reason', 'text that the database can store');
  return { scope, value, reason };
}

async function whyNotLifted(database: Queryable, id: string): Promise<TpeError> {
  const [row] = await database.query<StopRow>(ONE, [id]);
  if (row === undefined) return unknown(id);
  return new TpeError('CONFLICT', guardReason('stop-lifted', { id, by: row.lifted_by ?? '' }), { id });
}

function unknown(id: string): TpeError {
  return new TpeError('NOT_FOUND', guardReason('stop-unknown', { id: id.slice(0, 100) }), {});
}

function toStop(row: StopRow): Stop {
  return {
    id: row.id,
    scope: row.scope,
    value: row.value,
    reason: row.reason,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    liftedBy: row.lifted_by,
    liftedAt: row.lifted_at?.toISOString() ?? null,
  };
}
