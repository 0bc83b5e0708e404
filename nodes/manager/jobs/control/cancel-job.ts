import type { Database, Queryable } from '../../database/database.js';
import { TpeError } from '../../shared/tpe-error.js';
import type { Job, JobAct, JobState } from '../job.js';
import { jobReason } from '../job-reasons.js';
import { decide } from '../store/decisions.js';
import { lockJob, writeCounts } from '../store/job-counts.js';
import { type JobRow, toJob } from '../store/job-row.js';
import { type Installing, installingOf, underWayOf } from '../store/under-way.js';
import { lockFor, setState } from './lock-for.js';

export interface CancelOptions {
  database: Database;
  /** Asks a gateway for the end of an installation. Rejects with CONFLICT if it has ended. */
  cancelInstallation(id: string, by: string): Promise<unknown>;
  /** A job was changed here. */
  onChanged(row: JobRow): void;
}

type Cancel = JobAct & { force?: boolean; confirm?: string };

/** The steps of an installation in which a gateway takes nothing back. */
const POINT_OF_NO_RETURN: ReadonlySet<string> = new Set(['install', 'reboot', 'reconnect', 'verify']);
const MOST_UNDER_WAY = 5000;
const OPEN: readonly JobState[] = ['CREATING', 'RUNNING', 'PAUSED'];

/** Cancels a job, as `cancel` of Jobs. */
export async function cancelJob(options: CancelOptions, id: string, given: Cancel): Promise<Job> {
  const { force = false, by } = given;
  const { row, toAsk } = await options.database.transaction((transaction) =>
    force ? cancelByForce(transaction, id, given) : cancelWaiting(transaction, id, given),
  );
  options.onChanged(row);
  for (const { installation } of toAsk) await ask(options, installation, by);
  return toJob(row);
}

interface Canceled {
  row: JobRow;
  /** Installations that their gateways can still take back. */
  toAsk: Installing[];
}

async function cancelWaiting(transaction: Queryable, id: string, given: Cancel): Promise<Canceled> {
  await lockFor(transaction, id, given, OPEN);
  await setCanceling(transaction, id, given.by, 0);
  return { row: await endIfOver(transaction, id), toAsk: [] };
}

async function cancelByForce(transaction: Queryable, id: string, given: Cancel): Promise<Canceled> {
  const before = await lockFor(transaction, id, given, [...OPEN, 'CANCELING']);
  const confirmation = String(before.in_progress);
  if (before.in_progress > 0 && given.confirm !== confirmation) {
    throw new TpeError('CONFLICT', jobReason('job-confirm-under-way', { confirmation }), { confirmation });
  }
  const installing = await installingOf(transaction, id);
  const toAsk = installing.filter(({ step }) => step === null || !POINT_OF_NO_RETURN.has(step));
  const count = installing.length - toAsk.length;
  if (before.state === 'CANCELING' && count > 0 && count === before.in_progress) {
    throw new TpeError('CONFLICT', jobReason('job-installing', { count }), { state: before.state });
  }
  await setCanceling(transaction, id, given.by, count);
  await giveUp(transaction, id, given.by, new Set(installing.map(({ clientid }) => clientid)));
  return { row: await endIfOver(transaction, id), toAsk };
}

async function setCanceling(
  transaction: Queryable,
  id: string,
  by: string,
  installing: number,
): Promise<void> {
  const reason =
    installing === 0
      ? jobReason('job-canceled-by', { by })
      : jobReason('job-canceled-by-installing', { by, count: installing });
  await setState(transaction, id, 'CANCELING', null, reason);
  await transaction.query('update tpe_job set value_set = null where id = $1::bigint', [id]);
}

/** One of which nothing is open has ended already. */
async function endIfOver(transaction: Queryable, id: string): Promise<JobRow> {
  return await writeCounts(transaction, (await lockJob(transaction, id))!, { deltas: new Map() });
}

/** Commands that are under way are not waited for; whether the gateway does them is not known. */
async function giveUp(
  transaction: Queryable,
  id: string,
  by: string,
  installing: ReadonlySet<string>,
): Promise<void> {
  const underWay = await underWayOf(transaction, id, MOST_UNDER_WAY);
  const reason = jobReason('job-given-up-by', { by });
  const result = { state: 'CANCELED', reason, isUncertain: true, mayRepeat: false } as const;
  const ended = underWay
    .filter(({ clientid }) => !installing.has(clientid))
    .map(({ job, clientid, attempts, instance }) => ({
      ...{ job, clientid, attempt: attempts, instance, result, isFromOutside: true },
    }));
  if (ended.length > 0) await decide(transaction, ended);
}

/** One that has ended meanwhile is known by its end. */
async function ask({ cancelInstallation }: CancelOptions, installation: string, by: string): Promise<void> {
  try {
    await cancelInstallation(installation, by);
  } catch (error) {
    if (!(error instanceof TpeError) || error.code !== 'CONFLICT') throw error;
  }
}
