import type { Queryable, Row } from '../../database/database.js';
import type { Reason } from '../../shared/reason.js';
import type { Shut } from '../../sites/sites.js';
import type { ExecutionState, WaitingFor } from '../execution.js';
import { jobReason } from '../job-reasons.js';
import type { Due } from './claim-candidates.js';
import type { SiteRoom, Stopped } from './claim-limits.js';

/** When one that may not begin is looked at again, s. */
const AGAIN = { least: 15, spread: 15 };
const DAY_S = 86_400;

/** A statement of its own behind the locks, so that it sees what others have begun meanwhile. */
const FACTS = `
  select asked.clientid, profile.clientid is not null as is_registered, coalesce(credential.enabled, false) as is_enabled,
    profile.site, profile.model_name as model, profile.firmware_version as version,
    presence.status is distinct from 'online' as is_offline, presence.since,
    (select other.job::text from tpe_job_execution other
      where other.clientid = asked.clientid and other.state = 'IN_PROGRESS' limit 1) as busy_job,
    (select installation.id::text from tpe_installation installation
      where installation.clientid = asked.clientid and installation.state in ('QUEUED', 'IN_PROGRESS') limit 1) as busy_installation
  from unnest($1::text[]) as asked (clientid)
    left join clientid_profile profile on profile.clientid = asked.clientid
    left join mqtt_user credential on credential.clientid = asked.clientid
    left join tpe_presence presence on presence.clientid = asked.clientid`;

/** What is known of a gateway when its execution may begin. */
export interface Facts extends Row {
  clientid: string;
  is_registered: boolean;
  is_enabled: boolean;
  site: string | null;
  model: string | null;
  version: string | null;
  is_offline: boolean;
  since: Date | null;
  busy_job: string | null;
  busy_installation: string | null;
}

/** A candidate that does not begin: where it is put. */
export interface Parked {
  clientid: string;
  state: ExecutionState;
  waitingFor: WaitingFor | null;
  reason: Reason;
  /** Looked at again in so many seconds; null: when something happens. */
  again: number | null;
}

/** A candidate that may begin, as far as its gateway goes. */
export type Fit = Due & { facts: Facts };

/** Looks at the gateways of candidates. */
export async function factsOf(transaction: Queryable, due: readonly Due[]): Promise<Map<string, Facts>> {
  const rows = await transaction.query<Facts>(FACTS, [due.map(({ clientid }) => clientid)]);
  return new Map(rows.map((row) => [row.clientid, row]));
}

/** What may be in the way of a gateway. */
export interface Obstacles {
  sites: SiteRoom;
  stopped: Stopped;
  /** Sites on which nothing may be begun now. */
  shut: ReadonlyMap<string, Shut>;
  knowsPresence: boolean;
}

/** Says who is in the way of nothing, who waits or is gone, and who has moved. */
export function judge(
  due: readonly Due[],
  byId: ReadonlyMap<string, Facts>,
  obstacles: Obstacles,
): { parked: Parked[]; fit: Fit[]; moved: Fit[] } {
  const parked: Parked[] = [];
  const fit: Fit[] = [];
  const moved: Fit[] = [];
  for (const one of due) {
    const facts = byId.get(one.clientid)!;
    if (facts.is_registered && ((facts.site ?? '') !== one.site || facts.model !== one.model))
      moved.push({ ...one, facts });
    const obstacle = obstacleOf(one, facts, obstacles);
    if (obstacle !== null) parked.push(obstacle);
    else if (obstacles.sites.take(facts.site ?? '')) fit.push({ ...one, facts });
  }
  return { parked, fit, moved };
}

function obstacleOf(one: Due, facts: Facts, { stopped, shut, knowsPresence }: Obstacles): Parked | null {
  const { clientid } = one;
  const waits = (waitingFor: WaitingFor, reason: Reason, again: number | null = later()): Parked => ({
    ...{ clientid, state: 'QUEUED', waitingFor, reason, again },
  });
  const gone = (reason: Reason): Parked => ({
    ...{ clientid, state: 'REMOVED', waitingFor: null, reason, again: null },
  });
  if (!facts.is_registered) return gone(jobReason('job-gateway-retired'));
  if (!facts.is_enabled) return gone(jobReason('job-gateway-disabled'));
  const by = stopped.by.get(`site ${facts.site}`) ?? stopped.by.get(`model ${facts.model}`);
  if (by !== undefined) return waits('stop', jobReason('job-waits-stop', { by }));
  if (facts.is_offline && knowsPresence) return waits('offline', offlineReason(facts.since), null);
  const closed = shut.get(facts.site ?? '');
  if (closed !== undefined) return waits('window', closed.reason, untilOpen(closed));
  if (facts.busy_job !== null) return waits('busy', jobReason('job-waits-job', { job: facts.busy_job }));
  const installation = facts.busy_installation;
  if (installation !== null) return waits('busy', jobReason('job-waits-installation', { installation }));
  return one.is_ours ? null : waits('busy', jobReason('job-waits-others'), 1);
}

/** Why an execution waits for its gateway. */
export function offlineReason(since: Date | null): Reason {
  return since === null
    ? jobReason('job-waits-offline')
    : jobReason('job-waits-offline-since', { since: since.toISOString() });
}

/** When a window is looked at again, s: when it opens, or where none does, on the next day, from which more of the future is seen. */
function untilOpen({ opensAt }: Shut): number {
  const seconds = opensAt === null ? DAY_S : (opensAt.getTime() - Date.now()) / 1000;
  return Math.max(1, Math.min(seconds, DAY_S));
}

/** When something that is in the way is looked at again, s. */
export function later(): number {
  return AGAIN.least + Math.random() * AGAIN.spread;
}
