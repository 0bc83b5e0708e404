import type { Schedule } from '../../cluster/recurring-tasks.js';
import type { Database } from '../../database/database.js';
import type { AttemptResult } from '../execution.js';
import { jobReason } from '../job-reasons.js';
import { type Decided, decide } from '../store/decisions.js';
import { forgetValues } from '../store/drafts.js';
import { lockJob } from '../store/job-counts.js';
import type { JobRow } from '../store/job-row.js';
import { type EndWaiting, endWaiting, gatewaysOnline } from '../store/moves.js';
import { overdue, type UnderWay } from '../store/under-way.js';
import {
  forgetOld,
  jobsWithExpired,
  mendTimes,
  nextToCount,
  noteProgress,
  recount,
  type Swept,
  sweepWaiting,
} from '../store/upkeep.js';
import type { JobTiming } from './timing.js';

export interface ControlOptions {
  database: Database;
  schedule: Schedule;
  timing: JobTiming;
  knowsPresence(): boolean;
  onChanged(row: JobRow): void;
  /** An attempt was ended from outside: whoever carries it out gives it up. */
  onEnded(underWay: UnderWay, decided: NonNullable<Decided>): void;
  /** So many counters of a job were wrong. */
  onCorrected(job: string, count: number): void;
  signal: AbortSignal;
}

/** What one manager at a time looks after for all: deadlines, counts, what was missed. */
export interface Control {
  /** Does what is soon due, if it is this manager's turn. `open` are the ids of jobs that are open. Rejects as the database does. */
  round(open: readonly string[]): Promise<void>;
  /** Looks for what was missed, and forgets what is too old, if it is time and this manager's turn. Takes long. Rejects in the same way. */
  upkeep(open: readonly string[]): Promise<void>;
  /** Waiting executions of these gateways end as REMOVED. */
  removed(clientids: readonly string[], reason: 'retired' | 'disabled'): Promise<void>;
}

const TASK = 'job-control';
const UPKEEP = 'job-upkeep';
const PIECE = 500;
const HOUR_MS = 3_600_000;

const JOBS_OF = `
  select distinct execution.job::text as job from tpe_job_execution execution
  where execution.clientid = any($1::text[]) and execution.state = 'QUEUED'`;

export function createControl(options: ControlOptions): Control {
  const { database, timing, signal, onChanged } = options;
  let sweptAt = Number.NEGATIVE_INFINITY;
  let forgottenAt = Number.NEGATIVE_INFINITY;

  /** Ends waiting executions of a job, piece by piece. */
  async function endAll(id: string, which: Omit<EndWaiting, 'limit'>): Promise<void> {
    while (!signal.aborted) {
      const moved = await database.transaction(async (transaction) => {
        const row = await lockJob(transaction, id);
        if (row === null || row.state === 'CREATING') return null;
        return await endWaiting(transaction, row, { ...which, limit: PIECE });
      });
      if (moved === null) return;
      if (moved.ended.length > 0) onChanged(moved.job);
      if (moved.ended.length < PIECE) return;
    }
  }

  async function expire(): Promise<void> {
    for (const id of await jobsWithExpired(database)) {
      await endAll(id, {
        condition: `execution.waiting_for = 'offline' and execution.deadline < now()`,
        ...{ state: 'EXPIRED', reason: jobReason('job-offline-too-long') },
      });
    }
  }

  async function endOverdue(): Promise<void> {
    const late = await overdue(database, timing.graceS, PIECE);
    if (late.length === 0) return;
    const reason = jobReason('job-attempt-too-long');
    const result: AttemptResult = { state: 'TIMED_OUT', reason, isUncertain: true, mayRepeat: false };
    const ended = late.map(({ job, clientid, attempts, instance }) => ({
      ...{ job, clientid, attempt: attempts, instance, result, isFromOutside: true },
    }));
    const decided = await database.transaction((transaction) => decide(transaction, ended));
    for (const [index, one] of decided.entries()) if (one !== null) options.onEnded(late[index]!, one);
  }

  async function removed(clientids: readonly string[], why: 'retired' | 'disabled'): Promise<void> {
    const rows = await database.query<{ job: string }>(JOBS_OF, [clientids]);
    const reason = jobReason(why === 'retired' ? 'job-gateway-retired' : 'job-gateway-disabled');
    for (const { job } of rows) {
      const condition = 'execution.clientid = any($6::text[])';
      await endAll(job, { condition, parameters: [clientids], state: 'REMOVED', reason });
    }
  }

  async function count(): Promise<void> {
    const id = await nextToCount(database, timing.recountS);
    if (id === null) return;
    const counted = await database.transaction((transaction) => recount(transaction, id));
    if (counted === null) return;
    if (counted.corrected > 0) options.onCorrected(id, counted.corrected);
    onChanged(counted.row);
  }

  /** Repairs what was missed: news of presence, retired gateways, times of a clock that was wrong. */
  async function sweep(open: readonly string[]): Promise<void> {
    const take = async ({ online, retired, disabled }: Swept) => {
      if (online.length > 0) await gatewaysOnline(database, online);
      if (retired.length > 0) await removed(retired, 'retired');
      if (disabled.length > 0) await removed(disabled, 'disabled');
    };
    const rest = { knowsPresence: options.knowsPresence(), mostRestMs: timing.unheardMs };
    await sweepWaiting(database, rest, take, signal);
    for (const id of open) await mendTimes(database, id, PIECE);
  }

  async function work(open: readonly string[]): Promise<void> {
    await expire();
    await endOverdue();
    await noteProgress(database, open);
    await count();
  }

  async function maintain(open: readonly string[]): Promise<void> {
    if (performance.now() - sweptAt > timing.sweepMs) {
      sweptAt = performance.now();
      await sweep(open);
    }
    if (performance.now() - forgottenAt > HOUR_MS) {
      forgottenAt = performance.now();
      await forgetAllValues();
      await forgetOld(database, timing.keep, signal);
    }
  }

  async function forgetAllValues(): Promise<void> {
    while (!signal.aborted && (await forgetValues(database, PIECE)) === PIECE);
  }

  return {
    async round(open) {
      await options.schedule.attempt(TASK, timing.turnMs, () => work(open));
    },
    async upkeep(open) {
      await options.schedule.attempt(UPKEEP, timing.turnMs, () => maintain(open));
    },
    removed,
  };
}
