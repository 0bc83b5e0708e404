import type { Database, Row } from '../../database/database.js';
import { messageOf } from '../../shared/tpe-error.js';
import type { JobState } from '../job.js';
import { jobReason } from '../job-reasons.js';
import { isDueSql } from '../store/claim-candidates.js';
import { lockJob } from '../store/job-counts.js';
import type { JobRow } from '../store/job-row.js';
import { endWaiting } from '../store/moves.js';
import type { RunningJob } from './dispatch.js';
import { createRecording, type RecordingOptions } from './recording.js';
import { createSingleRun } from './single-run.js';
import type { JobTiming } from './timing.js';

export interface EngineLoopOptions extends Omit<RecordingOptions, 'onFault'> {
  database: Database;
  timing: JobTiming;
  signal: AbortSignal;
  /** Begins what may be begun of these running jobs; `heldAreDue`: what waits for the guard or a stop is looked at too. */
  begin(jobs: readonly RunningJob[], heldAreDue: boolean): Promise<void>;
  /** Looks after these open jobs, in a moment. */
  control(jobs: readonly string[]): Promise<void>;
  /** Looks for what was missed, and forgets what is too old. */
  upkeep(jobs: readonly string[]): Promise<void>;
  /** At first, and when the database was away: takes up work that is under way, also where its claim was committed without an answer. */
  recover(): Promise<void>;
  onChanged(row: JobRow): void;
  onFault(text: string): void;
}

/** The loop of the engine. While no job is open it rests, without a timer, until it is woken. */
export interface EngineLoop {
  start(): void;
  /** Has it look soon. */
  wake(): void;
  /** The same, also at what waits for the guard or a stop. */
  guardChanged(): void;
  /** False: at the last look no job was open, and nothing has happened since. */
  mayHaveOpen(): boolean;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

interface OpenJob extends Row {
  id: string;
  state: JobState;
  is_due: boolean;
  most: number;
}

const OPEN = `
  select job.id::text as id, job.state, job.state = 'RUNNING' and ${isDueSql('job.id', '$1::boolean')} as is_due,
    least((job.pace ->> 'maxInProgress')::integer, job.queued + job.in_progress) as most
  from tpe_job job where job.state in ('CREATING', 'RUNNING', 'PAUSED', 'CANCELING') order by job.id`;

const PIECE = 500;

export function createEngineLoop(options: EngineLoopOptions): EngineLoop {
  const { database, timing, signal } = options;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;
  let isStarted = false;
  let isWoken = false;
  let heldAreDue = false;
  let isOpen = true;
  let isFailing = false;
  let mustRecover = true;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let controlledAt = Number.NEGATIVE_INFINITY;

  const recording = createRecording({ ...options, onFault: fault });
  const control = createSingleRun(options.control, controlFailed);
  const upkeep = createSingleRun(options.upkeep, controlFailed);

  function fault(text: string): void {
    if (!signal.aborted) options.onFault(text);
  }

  /** A database that is away is told by the look. */
  function controlFailed(error: unknown): void {
    if (!isFailing) fault(`Jobs could not be looked after, retrying: ${messageOf(error)}`);
  }

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
    const withHeld = heldAreDue;
    heldAreDue = false;
    try {
      const open = await database.query<OpenJob>(OPEN, [withHeld]);
      isOpen = open.length > 0;
      if (mustRecover) await options.recover();
      mustRecover = false;
      await round(open, withHeld);
      isFailing = false;
      rest(open);
    } catch (error) {
      if (signal.aborted) return;
      heldAreDue ||= withHeld;
      if (!isFailing) options.onFault(`Jobs could not be looked after, retrying: ${messageOf(error)}`);
      isFailing = true;
      mustRecover = true;
      later(timing.lookMs);
    }
  }

  async function round(open: readonly OpenJob[], withHeld: boolean): Promise<void> {
    const of = (state: JobState) => open.filter((job) => job.state === state);
    for (const { id } of of('CREATING')) recording.goOn(id);
    for (const { id } of of('CANCELING')) await cancelWaiting(options, id);
    const running = of('RUNNING').map(({ id, is_due: isDue, most }) => ({ id, isDue, most }));
    await options.begin(running, withHeld);
    const isDue = performance.now() - controlledAt >= timing.controlMs;
    if (open.length === 0 || !isDue || signal.aborted) return;
    controlledAt = performance.now();
    const ids = open.map(({ id }) => id);
    control.begin(ids);
    upkeep.begin(ids);
  }

  function rest(open: readonly OpenJob[]): void {
    if (signal.aborted || open.length === 0 || isWoken) return;
    later(open.every(({ state }) => state === 'PAUSED') ? timing.restMs : timing.lookMs);
  }

  return {
    start() {
      isStarted = true;
      wake();
    },
    wake,
    guardChanged() {
      heldAreDue = true;
      wake();
    },
    mayHaveOpen: () => isOpen || isWoken || running !== null,
    async close() {
      if (timer !== null) clearTimeout(timer);
      await running;
      await Promise.all([recording.ended(), control.ended(), upkeep.ended()]);
      if (timer !== null) clearTimeout(timer);
    },
  };
}

/** What waits is canceled piece by piece; with the last one, the job has ended. */
async function cancelWaiting({ database, signal, onChanged }: EngineLoopOptions, id: string): Promise<void> {
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
    onChanged(moved.job);
    if (moved.ended.length < PIECE) return;
  }
}
