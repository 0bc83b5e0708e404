import type { Queryable } from '../../database/database.js';
import { badField } from '../../shared/invalid-input.js';
import { type Page, pageById } from '../../shared/page.js';
import { isStorable } from '../../shared/text.js';
import { EXECUTION_STATES, type Execution, type ExecutionState, WAITING_FOR } from '../execution.js';
import { BY_URGENCY, PARTS, statesOf } from '../execution-parts.js';
import { EXECUTION_ORDERS, type ExecutionQuery } from '../job.js';
import { EXECUTION_COLUMNS, type ExecutionRow, toExecution } from './execution-row.js';
import { RETRIED_ALONE } from './retried.js';

const MAX_PAGE = 500;

/** What executions of a job wait for above what their rows say. */
export interface HeldAbove {
  /** A stop holds all of them. */
  isStopped: boolean;
  /** Stops hold those of these sites and models. */
  sites: string[];
  models: string[];
  /** Those that no stop holds wait for the job to go on. */
  isPaused: boolean;
}

const NOTHING_HELD: HeldAbove = { isStopped: false, sites: [], models: [], isPaused: false };

/** What an execution that is QUEUED waits for, with what holds it above its row. */
const WAITS_FOR = `case
  when $6::boolean or execution.site = any($7::text[]) or execution.model = any($8::text[]) then 'stop'
  when $9::boolean then 'paused' else coalesce(execution.waiting_for, 'rate') end`;

/** Whom a query is for, but for their states. */
const IS_ASKED = `execution.job = $1::bigint
  and ($3::text is null or execution.state = 'QUEUED' and ${WAITS_FOR} = $3) and ($4::text is null or execution.site = $4)
  and ($5::text is null or execution.cause ->> 'code' = $5)
  and ($10::text is null or coalesce(execution.model, '') = $10) and ($11::text is null or coalesce(execution.version, '') = $11)
  and ($12::boolean is null or ${RETRIED_ALONE} = $12)`;

/** By one key, behind the cursor. */
const BY_KEY = (key: 'execution.clientid' | 'execution.changed_no', type: 'text' | 'bigint') => `
  select ${EXECUTION_COLUMNS} from tpe_job_execution execution
  where ${IS_ASKED} and ($13::text[] is null or execution.state = any($13)) and ($14::${type} is null or ${key} > $14)
  order by ${key} limit $2`;

/**
 * State by state, each by client id behind a cursor of its own, so that no more of each is read than a page has. The bounds of a state are
 * two, where an equality says the same: with it, where nearly all are in one state, all would be read in the order of another index; with
 * the upper bound alone, all would be read and sorted before the first statistics.
 */
const BY_STATE = `
  select ${EXECUTION_COLUMNS} from unnest($13::text[], $14::text[]) with ordinality as ranked (state, behind, place)
  cross join lateral (
    select execution.* from tpe_job_execution execution
    where ${IS_ASKED} and (execution.state, execution.clientid) > (ranked.state, ranked.behind)
      and execution.state >= ranked.state and execution.state <= ranked.state
    order by execution.state, execution.clientid limit $2) execution
  order by ranked.place, execution.clientid limit $2`;

/** A page of the executions of a job: by client id, in the order of their changes, or those first that people look for. */
export async function listExecutions(
  database: Queryable,
  job: string,
  query: ExecutionQuery,
  above: HeldAbove = NOTHING_HELD,
): Promise<Page<Execution>> {
  const { sql, values } = executionsStatement(job, query, above);
  const rows = await database.query<ExecutionRow>(sql, values);
  const nextOf = ({ changedNo, clientid, state }: Execution) => {
    if (query.order === 'urgency') return `${state} ${clientid}`;
    return query.sinceChange === undefined ? clientid : String(changedNo);
  };
  return pageById(rows.map(toExecution), pageLimit(query.limit), nextOf);
}

/** The statement of a page. Throws INVALID_INPUT. */
export function executionsStatement(
  job: string,
  query: ExecutionQuery,
  above: HeldAbove = NOTHING_HELD,
): { sql: string; values: unknown[] } {
  const limit = pageLimit(query.limit);
  checkExecutionQuery(query);
  const { cursor = null, sinceChange } = query;
  const states = statesIn(query);
  const asked = [
    ...[job, limit, query.waitingFor ?? null, query.site ?? null, query.reason ?? null],
    ...[above.isStopped, above.sites, above.models, above.isPaused],
    ...[query.model ?? null, query.firmware ?? null, query.isRetriedAlone ?? null],
  ];
  if (query.order === 'urgency') {
    const { left, behind } = leftOf(states ?? EXECUTION_STATES, cursor);
    return { sql: BY_STATE, values: [...asked, left, behind] };
  }
  if (sinceChange === undefined)
    return { sql: BY_KEY('execution.clientid', 'text'), values: [...asked, states, cursor] };
  return {
    sql: BY_KEY('execution.changed_no', 'bigint'),
    values: [...asked, states, cursor ?? sinceChange],
  };
}

/** The states that a query is for; null for all. */
function statesIn({ state, part, waitingFor }: ExecutionQuery): ExecutionState[] | null {
  const conditions = [
    ...(state === undefined ? [] : [[state]]),
    ...(part === undefined ? [] : [statesOf(part)]),
    ...(waitingFor === undefined ? [] : [['QUEUED' as const]]),
  ];
  if (conditions.length === 0) return null;
  return EXECUTION_STATES.filter((one) => conditions.every((states) => states.includes(one)));
}

/** The states that come from the cursor on, and the client id behind which each of them begins. */
function leftOf(states: readonly ExecutionState[], cursor: string | null) {
  const ranked = BY_URGENCY.filter((one) => states.includes(one));
  if (cursor === null) return { left: ranked, behind: ranked.map(() => '') };
  const [state = '', ...clientid] = cursor.split(' ');
  const place = BY_URGENCY.indexOf(state as ExecutionState);
  if (place === -1) throw badField('cursor', 'the `next` of the page before');
  const left = ranked.filter((one) => BY_URGENCY.indexOf(one) >= place);
  return { left, behind: left.map((one) => (one === state ? clientid.join(' ') : '')) };
}

/** How many a page has. Throws INVALID_INPUT. */
export function pageLimit(limit = 50): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_PAGE) return limit;
  throw badField('limit', `a whole number from 1 to ${MAX_PAGE}`);
}

function checkExecutionQuery(query: ExecutionQuery): void {
  const { state, part, waitingFor, sinceChange, order, cursor, site, reason, model, firmware } = query;
  if (state !== undefined && !EXECUTION_STATES.includes(state))
    throw badField('state', `one of ${EXECUTION_STATES.join(', ')}`);
  if (part !== undefined && !PARTS.includes(part)) throw badField('part', `one of ${PARTS.join(', ')}`);
  if (waitingFor !== undefined && !WAITING_FOR.includes(waitingFor))
    throw badField('waitingFor', `one of ${WAITING_FOR.join(', ')}`);
  if (sinceChange !== undefined && !(Number.isSafeInteger(sinceChange) && sinceChange >= 0))
    throw badField('sinceChange', 'a whole number from 0');
  if (order !== undefined && !EXECUTION_ORDERS.includes(order))
    throw badField('order', `one of ${EXECUTION_ORDERS.join(', ')}`);
  if (order === 'urgency' && sinceChange !== undefined)
    throw badField('order', 'left out where `sinceChange` is given, which has an order of its own');
  for (const [field, text] of Object.entries({ cursor, site, reason, model, firmware })) {
    if (text !== undefined && !isStorable(text)) throw badField(field, 'a text without NUL');
  }
  if (cursor !== undefined && sinceChange !== undefined && !/^[0-9]{1,18}$/.test(cursor))
    throw badField('cursor', 'the `next` of the page before');
}
