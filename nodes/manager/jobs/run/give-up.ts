import { createEnding } from '../../shared/ending.js';
import { isOver } from '../../updates/install/installation.js';
import type { JobStep } from '../definition/definition.js';
import type { Ended } from './command-outcome.js';
import type { StepRun } from './run-options.js';
import { runReason } from './run-reasons.js';
import { partKey, sentBefore } from './sent-once.js';

/** How long it is tried to take back what was begun, ms. */
const PATIENCE_MS = 10_000;
const BY = 'the job, given up';

/** Ends a step that a person has given up: what waits is canceled. What the gateway has, it may do or not. */
export async function giveUp(run: StepRun, step: JobStep): Promise<Ended> {
  const rest = { ...run, signal: createEnding().signal, until: Date.now() + PATIENCE_MS };
  const isUncertain = await isOutThere(rest, step).catch(() => true);
  return { state: 'CANCELED', reason: runReason('run-given-up'), isUncertain, mayRepeat: false };
}

async function isOutThere(run: StepRun, step: JobStep): Promise<boolean> {
  if (step.kind === 'command') return await commandIsOutThere(run);
  if (step.kind !== 'install') return false;
  const all = await run.installations.ofExecution(run.work.clientid, partKey(run, 'install'));
  const last = all.at(-1);
  if (last === undefined || isOver(last.state)) return last?.state === 'TIMED_OUT';
  const { state } = await run.installations.cancel(last.id, BY);
  return state !== 'CANCELED';
}

/** Whether what a step has sent may be done: one that waits is canceled. */
export async function commandIsOutThere(run: StepRun): Promise<boolean> {
  const { record } = await sentBefore(run);
  if (record === null || record.method === 'GET') return false;
  if (record.state !== 'QUEUED') return true;
  const canceled = await run.commands.cancel(record.requestId, BY).catch(() => null);
  return canceled === null;
}
