import { type SqlReason, sqlReason } from '../database/sql-reason.js';
import { STOP_SCOPES, type StopScope } from './guard.js';
import { guardReason } from './guard-reasons.js';
import { STOPS_HOLD } from './stops-hold.js';

/** The key of the advisory lock; it stands in tpe_active_stops() too. */
export const STOP_LOCK = 7_430_039;

/**
 * An expression for `with`, which STOP_OF reads: the active stops, read so that a stop holds with its commit. If `isNeeded`, which
 * is SQL without columns such as `$4`, is not true, it takes no lock and reads nothing: give it whether something in the batch is no read.
 */
export const ACTIVE_STOPS = (isNeeded: string) =>
  `active_stop as materialized (select * from tpe_active_stops() where ${isNeeded})`;

/**
 * A condition that is always true: in the `where` of the part that locks rows, it has the stops read first, so that nobody waits for a
 * stop while others wait for its rows.
 */
export const STOPS_ARE_READ = '(select count(*) from active_stop) >= 0';

const IS_STOPPED_BY = (job: string) => `case one_stop.scope
  when 'fleet' then true
  when 'site' then stopped_gateway.site = one_stop.value
  when 'model' then stopped_gateway.model_name = one_stop.value
  else one_stop.value = ${job} end`;

/**
 * The oldest stop that holds a request as jsonb, `{id, scope, value, by}`; null if none does. `item` is an alias that has a `clientid` and a
 * `risk`, and `job` is SQL of the id of its job as text. For statements that begin with ACTIVE_STOPS. While nothing is stopped, it costs a
 * look whether there is a stop for each statement, and nothing for each gateway.
 */
export const STOP_OF = (
  item: string,
  job = 'null',
) => `case when ${STOPS_HOLD(`${item}.risk`)} and exists (select from active_stop) then (
  select jsonb_build_object('id', one_stop.id::text, 'scope', one_stop.scope, 'value', one_stop.value, 'by', one_stop.created_by)
  from active_stop one_stop left join clientid_profile stopped_gateway
    on one_stop.scope in ('site', 'model') and stopped_gateway.clientid = ${item}.clientid
  where ${IS_STOPPED_BY(job)} order by one_stop.id limit 1) end`;

/** The reason of a stop in a statement; `stop` is SQL of what STOP_OF gives, which must not be null. */
export function stopReasonOf(stop: string): SqlReason {
  const by = `(${stop} ->> 'by')`;
  const reasons: Record<StopScope, SqlReason> = {
    fleet: sqlReason(guardReason, 'stopped-fleet', { by }),
    site: sqlReason(guardReason, 'stopped-site', { by, value: `(${stop} ->> 'value')` }),
    model: sqlReason(guardReason, 'stopped-model', { by, value: `(${stop} ->> 'value')` }),
    job: sqlReason(guardReason, 'stopped-job', { by, value: `(${stop} ->> 'value')` }),
  };
  const each = (part: keyof SqlReason) =>
    `case ${stop} ->> 'scope' ${STOP_SCOPES.map((scope) => `when '${scope}' then ${reasons[scope][part]}`).join(' ')} end`;
  return { text: each('text'), cause: each('cause') };
}
