import type { Database, Queryable } from '../../database/database.js';
import type { Shut, Sites } from '../../sites/sites.js';
import { heedsWindows } from '../definition/heeds-windows.js';
import type { Facts } from './claim-obstacles.js';
import type { JobRow } from './job-row.js';

/** Of the sites of these gateways, those where nothing may be begun now that takes so long; none for a job that heeds no windows. */
export async function shutSites(
  transaction: Queryable,
  job: JobRow,
  facts: ReadonlyMap<string, Facts>,
  sites: Pick<Sites, 'shut'>,
  secondsOf: (job: JobRow) => number,
): Promise<ReadonlyMap<string, Shut>> {
  if (facts.size === 0 || !heedsWindows(job)) return new Map();
  const names = [...new Set([...facts.values()].map(({ site }) => site ?? ''))];
  return await sites.shut(transaction, names, secondsOf(job));
}

/** The most gateways in one statement. */
const AT_ONCE = 2000;
const DUE = `
  update tpe_job_execution execution set next_at = now() from (
    select waiting.job, waiting.clientid from tpe_job_execution waiting
    where waiting.job in (select id from tpe_job where state in ('CREATING', 'RUNNING', 'PAUSED')) and waiting.state = 'QUEUED'
      and waiting.waiting_for = 'window' and waiting.next_at > now() limit ${AT_ONCE}) found
  where execution.job = found.job and execution.clientid = found.clientid and execution.state = 'QUEUED'
    and execution.waiting_for = 'window'
  returning 1`;

/** Has all that wait for a window looked at again: windows may be others now. */
export async function windowsAreDue(database: Database, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const rows = await database.query(DUE);
    if (rows.length < AT_ONCE) return;
  }
}
