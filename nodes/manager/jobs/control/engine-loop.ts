import type { Database } from '../../database/database.js';
import { messageOf } from '../../shared/tpe-error.js';
import type { Execution } from '../execution.js';
import type { JobState } from '../job.js';
import { jobReason } from '../job-reasons.js';
import { lockJob } from '../store/job-counts.js';
import type { JobRow } from '../store/job-row.js';
import { endWaiting } from '../store/moves.js';
import type { JobTiming } from './timing.js';

export interface EngineLoopOptions {
  database: Database;
  timing: JobTiming;
  signal: AbortSignal;
  /** Begins what may be begun of these running jobs. */
  begin(jobs: readonly string[]): Promise<void>;
  /** Looks after these open jobs. */
  control(jobs: readonly string[]): Promise<void>;
  /** At first, and when the database was away: takes up work that is under way, also where its claim was committed without an answer. */
  recover(): Promise<void>;
  /** Records the executions of a job, or goes on with that. */
  create(id: string): Promise<JobRow | null>;
  onChanged(row: JobRow, decided: readonly Execution[]): void;
  onFault(text: string): void;
}

/** The loop of the engine. While no job is open it rests, without a timer, until it is woken. */
export interface EngineLoop {
  start(): void;
  /** Has it look soon. */
  wake(): void;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

interface OpenJob {
  id: string;
  state: JobState;
}

const OPEN = `
  select job.id::text as id, job.state from tpe_job job where job.state in ('CREATING', 'RUNNING', 'PAUSED', 'CANCELING')
  order by job.id`;

const PIECE = 500;

export function createEngineLoop(options: EngineLoopOptions): EngineLoop {
  const { database, timing, signal } = options;
  const creating = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;
  let isStarted = false;
  let isWoken = false;
  let isFailing = false;
  let mustRecover = true;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let controlledAt = Number.NEGATIVE_INFINITY;

  function wake(): void {
    if (!isStarted || signal.aborted) return;
    isWoken = true;
    if (running === null) later(Math.max(0, lookedAt + timing.leastMs - performance.now()));
  }

  function later(ms: number): void {
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(() => {
      timer = null;
      running = look().finally(() => {
        running = null;
        if (isWoken) wake();
      });
    }, ms);
    timer.unref();
  }

  async function look(): Promise<void> {
    isWoken = false;
    lookedAt = performance.now();
    try {
      const open = await database.query<{ id: string; state: JobState }>(OPEN);
      if (mustRecover) await options.recover();
      mustRecover = false;
      await round(open);
      isFailing = false;
      rest(open);
    } catch (error) {
      if (signal.aborted) return;
      if (!isFailing) options.onFault(`Jobs could not be looked after, retrying: ${messageOf(error)}`);
      isFailing = true;
      mustRecover = true;
      later(timing.lookMs);
    }
  }

  async function round(open: readonly OpenJob[]): Promise<void> {
    const of = (state: JobState) => open.filter((job) => job.state === state).map(({ id }) => id);
    for (const id of of('CREATING')) create(id);
    for (const id of of('CANCELING')) await cancelWaiting(id);
    await options.begin(of('RUNNING'));
    const isDue = performance.now() - controlledAt >= timing.controlMs;
    if (open.length === 0 || !isDue || signal.aborted) return;
    controlledAt = performance.now();
    await options.control(open.map(({ id }) => id));
  }

  function rest(open: readonly OpenJob[]): void {
    if (signal.aborted || open.length === 0 || isWoken) return;
    later(open.every(({ state }) => state === 'PAUSED') ? timing.restMs : timing.lookMs);
  }

  function create(id: string): void {
    if (creating.has(id)) return;
    const work = options
      .create(id)
      .then((row) => {
        if (row !== null) options.onChanged(row, []);
      })
      .catch((error) => {
        // The next look goes on where this one stopped.
        if (!signal.aborted)
          options.onFault(`The gateways of the job ${id} could not be recorded yet: ${messageOf(error)}`);
      })
      .finally(() => creating.delete(id));
    creating.set(id, work);
  }

  /** What waits is canceled piece by piece; with the last one, the job has ended. */
  async function cancelWaiting(id: string): Promise<void> {
    while (!signal.aborted) {
      const moved = await database.transaction(async (transaction) => {
        const job = await lockJob(transaction, id);
        if (job?.state !== 'CANCELING' || job.queued === 0) return null;
        const reason = jobReason('job-canceled-by', { by: String(job.cause?.params.by ?? '') });
        return await endWaiting(transaction, job, {
          condition: 'true',
          state: 'CANCELED',
          reason,
          limit: PIECE,
        });
      });
      if (moved === null) return;
      options.onChanged(moved.job, []);
      if (moved.ended.length < PIECE) return;
    }
  }

  return {
    start() {
      isStarted = true;
      wake();
    },
    wake,
    async close() {
      if (timer !== null) clearTimeout(timer);
      await running;
      await Promise.all(creating.values());
      if (timer !== null) clearTimeout(timer);
    },
  };
}
