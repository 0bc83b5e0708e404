import type { GroupCommit } from '../../database/group-commit.js';
import { backoffMs } from '../../shared/backoff.js';
import { createEnding } from '../../shared/ending.js';
import { pause } from '../../shared/pause.js';
import type { Reason } from '../../shared/reason.js';
import { asTpeError, TpeError } from '../../shared/tpe-error.js';
import type { AttemptResult, ExecutionWork } from '../execution.js';
import type { Job } from '../job.js';
import { jobReason } from '../job-reasons.js';
import { FORCED, isForced, type RunExecution } from '../run/run-execution.js';
import type { Decided, Ended } from '../store/decisions.js';
import { type AttemptOf, attemptKey, type Checkpoint, type Standing } from '../store/under-way.js';

/** The executions that this manager carries out. Only these take memory. */
export interface Runs {
  /**
   * Carries out an attempt, and has it decided; does nothing if it is under way here. `isOwing`: it is decided, and only the steps are left
   * that are done in any case.
   */
  begin(work: ExecutionWork, job: Pick<Job, 'definition' | 'steps'>, isOwing?: boolean): void;
  count(): number;
  /** What is under way here. */
  works(): ExecutionWork[];
  /** Gives up an attempt that somebody else has decided: what it has begun is taken back. */
  giveUp(attempt: AttemptOf): void;
  /** Ends an attempt that another manager has taken over: what it has begun stays, since that one goes on with it. */
  leave(attempt: AttemptOf): void;
  /** Ends what is under way without deciding it: another manager, or this one after its restart, goes on. */
  close(): Promise<void>;
}

export interface RunsOptions {
  instance: string;
  run: RunExecution;
  checkpoints: GroupCommit<Checkpoint, Standing>;
  decisions: GroupCommit<Ended, Decided>;
  /** Notes that a decided execution owes nothing any more. Rejects as the database does. */
  paid(attempt: AttemptOf): Promise<void>;
  /** Called when an attempt was decided here; the result says how it ended. */
  onDecided(decided: NonNullable<Decided>, result: AttemptResult): void;
  onFault(text: string): void;
}

interface Run {
  work: ExecutionWork;
  abort: AbortController;
  /** Aborted when it is no longer carried out here, not even what is done in any case. */
  leaving: AbortController;
  done: Promise<void>;
}

const AWAY = { firstMs: 500, longestMs: 10_000, spread: [0.5, 1] as const };
const TRANSIENT: ReadonlySet<string> = new Set(['UNAVAILABLE', 'BUSY']);

export function createRuns(options: RunsOptions): Runs {
  const { instance } = options;
  const runs = new Map<string, Run>();
  const closing = createEnding();

  async function checkpoint(
    run: Run,
    step: number,
    failure: Reason | null,
    withinMs: number | null,
  ): Promise<void> {
    const { job, clientid, attempt } = run.work;
    const { signal } = run.abort;
    const isOwing = isForced(signal);
    const standing = await options.checkpoints.add({
      ...{ job, clientid, attempt, step, failure, withinMs, isOwing },
    });
    if (standing === 'decided') run.abort.abort(FORCED);
    // One that owes steps and was decided again is another manager's, or tried again.
    if (standing === 'elsewhere' || (isOwing && standing !== 'ours')) end(run, leftBehind(run.work));
    // Whoever begins a step now would wait for an abort that has been.
    if (run.leaving.signal.aborted) throw leftBehind(run.work);
    run.work = { ...run.work, step, failure };
  }

  /** Null: it is not carried out here to its end. */
  async function carryOut(run: Run, job: Pick<Job, 'definition' | 'steps'>): Promise<AttemptResult | null> {
    const { signal } = run.abort;
    const leaving = run.leaving.signal;
    for (let failures = 0; ; failures += 1) {
      try {
        const result = await options.run(run.work, {
          ...{ definition: job.definition, steps: job.steps, signal, closing: leaving },
          onStep: (step, failure, withinMs) => checkpoint(run, step, failure, withinMs),
        });
        return leaving.aborted ? null : result;
      } catch (error) {
        const { code, reason } = asTpeError(error);
        if (leaving.aborted || code === 'CLOSED') return null;
        if (!TRANSIENT.has(code)) return faultOf(reason);
        // What was done is in the database, so that going on does nothing twice.
        await pause(backoffMs(failures, AWAY), { signal: leaving });
        if (leaving.aborted) return null;
      }
    }
  }

  function faultOf(reason: Reason): AttemptResult {
    options.onFault(`A job could not be carried out: ${reason.text}`);
    return {
      ...{ state: 'FAILED', reason: jobReason('job-attempt-fault', { reason }) },
      ...{ isUncertain: true, mayRepeat: false },
    };
  }

  async function see(run: Run, job: Pick<Job, 'definition' | 'steps'>): Promise<void> {
    const result = await carryOut(run, job);
    if (result === null) return;
    const { job: id, clientid, attempt } = run.work;
    if (isForced(run.abort.signal)) return await options.paid(run.work);
    const decided = await options.decisions.add({ job: id, clientid, attempt, instance, result });
    runs.delete(attemptKey(run.work));
    if (decided !== null) options.onDecided(decided, result);
    // It was given up just when it ended. One that was to wait has not done what is done in any case: it is taken up again.
    else if ('state' in result) await options.paid(run.work);
  }

  return {
    begin(work, job, isOwing = false) {
      const key = attemptKey(work);
      if (closing.signal.aborted || runs.has(key)) return;
      const run: Run = { work, abort: createEnding(), leaving: createEnding(), done: Promise.resolve() };
      if (isOwing) run.abort.abort(FORCED);
      runs.set(key, run);
      run.done = see(run, job)
        .catch((error) => {
          const { code, message } = asTpeError(error);
          if (code !== 'CLOSED' && !closing.signal.aborted)
            options.onFault(`The end of a job on "${work.clientid}" could not be stored: ${message}`);
        })
        .finally(() => runs.delete(key));
    },
    count: () => runs.size,
    works: () => [...runs.values()].map(({ work }) => work),
    giveUp: (attempt) => runs.get(attemptKey(attempt))?.abort.abort(FORCED),
    leave(attempt) {
      const run = runs.get(attemptKey(attempt));
      if (run !== undefined) end(run, leftBehind(attempt));
    },
    async close() {
      closing.abort();
      const all = [...runs.values()];
      for (const run of all) end(run, new TpeError('CLOSED', 'The device manager is closing.'));
      await Promise.all(all.map(({ done }) => done));
    },
  };
}

function end({ abort, leaving }: Run, why: TpeError): void {
  abort.abort(why);
  leaving.abort(why);
}

function leftBehind({ job, clientid }: AttemptOf): TpeError {
  return new TpeError('CLOSED', `The job ${job} is no longer carried out here for "${clientid}".`);
}
