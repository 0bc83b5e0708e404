import { disturbs } from '../guard/disturbs.js';
import type { Guard } from '../guard/guard.js';
import type { ActiveStop, JobGuard } from './job-guard.js';

/** Takes a lock with which a stop holds with its commit, where it is read in a transaction. */
const STOPS = 'select scope, value, created_by as by from tpe_active_stops() order by id';

/** What jobs need of the guard. */
export function guardOfJobs(guard: Pick<Guard, 'takeMany' | 'holdsChanged' | 'ended'>): JobGuard {
  return {
    stops: (transaction) => transaction.query<ActiveStop & Record<string, unknown>>(STOPS),
    disturbs,
    takeMany: guard.takeMany,
    holdsChanged: guard.holdsChanged,
    ended: guard.ended,
  };
}

/** What became of an execution that holds a slot, for the option `owners` of the guard. */
export const EXECUTION_STANDING = `(
  select case when execution.state = 'IN_PROGRESS' and execution.attempts::text = substring(hold.owner_id from '[0-9]+$')
      then 'open' else 'unknown' end
  from tpe_job_execution execution
  where execution.job = case when hold.owner_id ~ '^[0-9]{1,18}/' then split_part(hold.owner_id, '/', 1)::bigint end
    and execution.clientid = substring(hold.owner_id from '^[0-9]+/(.*)/[0-9]+$'))`;
