import { causeText } from '../../database/cause-text.js';
import type { Queryable } from '../../database/database.js';
import type { Fit, Parked } from './claim-obstacles.js';
import type { JobRow } from './job-row.js';

// Writes what a claim found out about those that do not begin.

/** Of gateways that have moved, so that what is full or stopped where they are now leaves them out. */
const MOVE = `
  update tpe_job_execution execution set site = moved.site, model = moved.model, changed_no = nextval('tpe_job_change')
  from unnest($2::text[], $3::text[], $4::text[]) as moved (clientid, site, model)
  where execution.job = $1::bigint and execution.clientid = moved.clientid`;

const PARK = `
  update tpe_job_execution execution set state = parked.state, waiting_for = parked.waiting_for, waiting_reason = parked.reason,
    waiting_cause = parked.cause::jsonb, changed_no = nextval('tpe_job_change'),
    next_at = case when parked.again is null then null else now() + make_interval(secs => parked.again) end,
    deadline = case when parked.waiting_for = 'offline' then coalesce(execution.deadline, now() + make_interval(secs => $2)) end,
    reason = case when parked.state = 'QUEUED' then null else parked.reason end,
    cause = case when parked.state = 'QUEUED' then null else parked.cause::jsonb end,
    ended_at = case when parked.state = 'QUEUED' then null else now() end
  from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::double precision[])
    as parked (clientid, state, waiting_for, reason, cause, again)
  where execution.job = $1::bigint and execution.clientid = parked.clientid`;

/** Notes where gateways are that have moved. */
export async function move(transaction: Queryable, { id }: JobRow, moved: readonly Fit[]): Promise<void> {
  if (moved.length === 0) return;
  await transaction.query(MOVE, [
    id,
    moved.map(({ clientid }) => clientid),
    moved.map(({ facts }) => facts.site ?? ''),
    moved.map(({ facts }) => facts.model),
  ]);
}

/** Puts candidates where they wait or end. */
export async function park(
  transaction: Queryable,
  { id, pace }: JobRow,
  parked: readonly Parked[],
): Promise<void> {
  if (parked.length === 0) return;
  await transaction.query(PARK, [
    id,
    pace.offlineSeconds,
    parked.map(({ clientid }) => clientid),
    parked.map(({ state }) => state),
    parked.map(({ waitingFor }) => waitingFor),
    parked.map(({ reason }) => reason.text),
    parked.map(({ reason }) => causeText(reason)),
    parked.map(({ again }) => again),
  ]);
}
