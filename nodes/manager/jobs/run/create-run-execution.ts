import { backoffMs } from '../../shared/backoff.js';
import { pause } from '../../shared/pause.js';
import type { Reason } from '../../shared/reason.js';
import { TpeError } from '../../shared/tpe-error.js';
import { throwIfClosed } from '../../shared/unless-closed.js';
import type { JobStep } from '../definition/definition.js';
import type { AttemptResult } from '../execution.js';
import { boundOf, carryOutStep, isActing, isRepeatable } from './carry-out-step.js';
import { ALREADY_DONE, type Ended, isWaiting, SUCCEEDED } from './command-outcome.js';
import { gatewayOf } from './filled-request.js';
import { giveUp } from './give-up.js';
import { outOfTime } from './out-of-time.js';
import { isForced, type RunExecution } from './run-execution.js';
import type { RunOptions, StepRun } from './run-options.js';
import { runReason } from './run-reasons.js';

/** The pauses before a step that must be done in any case is tried again, ms. */
const AGAIN = { firstMs: 2000, longestMs: 30_000 };
/** The same where the gateway is offline and nothing tells that it is back. */
const OFFLINE_MS = 300_000;
/** How often it is looked whether it is back, ms. */
const LOOK_MS = 1000;

/** Creates the function that carries out one attempt of a job on one gateway, step by step. */
export function createRunExecution(options: RunOptions): RunExecution {
  return async (work, { definition, steps, signal, closing, onStep }) => {
    const job = { id: work.job, name: definition.name };
    let failure = work.failure === null ? null : earlierFailure(work.failure);
    let hasActed = work.step > 0;
    for (const [index, step] of steps.entries()) {
      if (index < work.step) continue;
      if (isForced(signal)) failure ??= GIVEN_UP;
      else throwIfClosed(signal);
      throwIfClosed(closing);
      // What it waited with when its manager ended is taken back.
      if (index === work.step && isForced(signal) && !step.always)
        await giveUp({ ...options, work, job, index, until: Date.now(), signal: closing }, step);
      if (failure !== null && !step.always) continue;
      const boundMs = boundOf(step, options);
      await onStep(index, failure?.reason ?? null, failure === null ? null : boundMs);
      // That it was given up may have been found just then.
      if (isForced(signal)) failure ??= GIVEN_UP;
      if (failure !== null && !step.always) continue;
      const until = failure === null ? work.deadline : Date.now() + boundMs;
      // What is done in any case goes on when a person gives the rest up.
      const isBound = failure === null && !step.always;
      const run = { ...options, work, job, index, until, signal: isBound ? signal : closing };
      const result = failure === null ? await oneStep(run, step) : await stepInAnyCase(run, step);
      if (isWaiting(result)) {
        if (failure === null) return result;
        continue;
      }
      if (result.state === 'SUCCEEDED') hasActed ||= isActing(step, options);
      else if (result.state !== 'ALREADY_DONE') {
        const isSafe = steps.slice(0, index).every((one) => isRepeatable(one, options));
        failure ??= { ...result, mayRepeat: result.mayRepeat && isSafe };
      }
    }
    if (failure !== null) return failure;
    return !hasActed && steps.some((step) => isActing(step, options)) ? ALREADY_DONE : SUCCEEDED;
  };
}

/** It was given up between two steps. */
const GIVEN_UP: Ended = {
  state: 'CANCELED',
  reason: runReason('run-given-up'),
  isUncertain: false,
  mayRepeat: false,
};

/** The failure of an attempt that goes on after a crash, of which only the reason was kept. */
function earlierFailure(reason: Reason): Ended {
  return { state: 'FAILED', reason, isUncertain: true, mayRepeat: false };
}

/** Carries out one step; what it was refused for, and that it was given up, are results. Rejects with CLOSED when the manager closes. */
async function oneStep(run: StepRun, step: JobStep): Promise<AttemptResult> {
  try {
    return await notHeard(
      run,
      Date.now() < run.until ? await carryOutStep(run, step) : await outOfTime(run, step),
    );
  } catch (error) {
    if (isForced(run.signal)) return await giveUp(run, step);
    if (!(error instanceof TpeError) || !REFUSED.includes(error.code)) throw error;
    return { state: 'REJECTED', reason: error.reason, isUncertain: false, mayRepeat: false };
  }
}

/**
 * A gateway that is online and does not listen is not waited for as one that is offline: nothing would tell when it does, or count the tries.
 * Where the broker does not tell who is connected, it is offline: that nobody listens is the newest that is known.
 */
async function notHeard(run: StepRun, result: AttemptResult): Promise<AttemptResult> {
  if (!isWaiting(result) || result.waitingFor !== 'offline') return result;
  if (result.reason?.cause?.code !== 'nobody-listens' || !run.knowsPresence()) return result;
  const { status } = await gatewayOf(run);
  return status === 'online' ? { ...result, waitingFor: 'busy' } : result;
}

const REFUSED: readonly string[] = ['INVALID_INPUT', 'NOT_FOUND', 'FORBIDDEN'];

/** Carries out a step after a failure: while it cannot begin, it is tried again until its own time is over. */
async function stepInAnyCase(run: StepRun, step: JobStep): Promise<AttemptResult> {
  for (let tries = 0; ; tries += 1) {
    const result = await oneStep(run, step);
    if (!isWaiting(result)) return result;
    // One that is said to be online after all is not waited for: that would be over at once.
    const isOffline =
      result.waitingFor === 'offline' && (run.knowsPresence() || (await gatewayOf(run)).status !== 'online');
    await untilNextTry(run, isOffline ? OFFLINE_MS : backoffMs(tries, AGAIN), isOffline);
    if (Date.now() >= run.until) return result;
  }
}

/** Waits so many ms at most; for a gateway that is offline, until it is online, since each try leaves a record. */
async function untilNextTry(run: StepRun, ms: number, isOffline: boolean): Promise<void> {
  const at = Math.min(run.until, Date.now() + ms);
  while (Date.now() < at && !run.signal.aborted) {
    await pause(Math.min(LOOK_MS, at - Date.now()), { signal: run.signal });
    if (isOffline && (await gatewayOf(run)).status === 'online') return;
  }
  throwIfClosed(run.signal);
}
