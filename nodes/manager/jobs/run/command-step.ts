import type { CommandRecord } from '../../commands/command.js';
import type { Before } from '../../well/well.js';
import type { JobCondition, JobStep } from '../definition/definition.js';
import type { AttemptResult } from '../execution.js';
import { ALREADY_DONE, commandOutcome, type Ended, isIdempotent, isWaiting } from './command-outcome.js';
import { type FilledRequest, filledRequest, gatewayOf, sourcesOf } from './filled-request.js';
import { noTimeLeft } from './no-time-left.js';
import { proved } from './proved.js';
import { readCondition, readUntilHolds, reasonOfReading, withinMsOf } from './read-condition.js';
import type { StepRun } from './run-options.js';
import { runReason } from './run-reasons.js';
import { partKey, sendPart, sentBefore, whenEnded } from './sent-once.js';

export type CommandStep = Extract<JobStep, { kind: 'command' }>;

const NOTHING_KNOWN: Before = { apps: null, onlineSince: null };
/** How long a gateway has at most to be well again, ms. */
const WELL_WITHIN_MS = 1_800_000;
/** What has come so far is sent with time for an answer, however little is left. */
const LEAST_TIMEOUT_MS = 10_000;
/** How long a command may take that does not say, s. */
export const DEFAULT_COMMAND_S = 60;

/** Sends the command of a step once, waits for the gateway where it restarts, and reads back what the step wants to be so. */
export async function commandStep(run: StepRun, step: CommandStep): Promise<AttemptResult> {
  const { command, verify } = step;
  const filled = filledRequest(run, command, await sourcesOf(run));
  const before = await sentBefore(run);
  if (before.record === null && verify !== null && filled.method !== 'GET') {
    const found = await precheck(run, verify);
    if (found !== null) return found;
  }
  const waits = command.untilWell ?? filled.restarts;
  const isNew = before.record === null;
  const ran = isNew && waits ? await run.well.before(run.work.clientid) : NOTHING_KNOWN;
  // A silent gateway has used it up with what was asked before.
  const over = isNew ? noTimeLeft(run, step) : null;
  if (over !== null) return over;
  const record =
    before.record === null
      ? await sendNew(run, step, filled, before.tries)
      : await whenEnded(run, before.record);
  const outcome = commandOutcome(record);
  const result = waits ? await untilWell(run, record, outcome, ran) : outcome;
  if (verify === null || isWaiting(result)) return result;
  if (result.state === 'SUCCEEDED') return await verified(run, verify, result, record);
  return result.isUncertain ? await proved(run, verify, result, record) : result;
}

async function sendNew(
  run: StepRun,
  { command }: CommandStep,
  { request }: FilledRequest,
  tries: number,
): Promise<CommandRecord> {
  const { check, timeoutSeconds } = command;
  const leftMs = Math.max(LEAST_TIMEOUT_MS, Math.floor((run.until - Date.now()) / 1000) * 1000);
  const timeoutMs = Math.min((timeoutSeconds ?? DEFAULT_COMMAND_S) * 1000, leftMs);
  const isShorter = timeoutSeconds !== undefined || timeoutMs === leftMs;
  const whole = {
    ...request,
    ...(check !== undefined && { check }),
    // An answer that comes after the end of the execution would be waited for in vain, and the slot be held.
    ...(isShorter && { timeoutMs }),
  };
  return await sendPart(run, whole, partKey(run, 'send', tries + 1));
}

/** Whether the gateway is as wanted before anything was sent; null: it is not, so that the command has to be sent. */
async function precheck(run: StepRun, verify: JobCondition): Promise<AttemptResult | null> {
  const reading = await readCondition(run, verify);
  if (reading.kind === 'holds') return ALREADY_DONE;
  if (reading.kind === 'away') return reading.result;
  if (reading.kind === 'differs') return null;
  return { state: 'REJECTED', reason: reading.reason, isUncertain: false, mayRepeat: false };
}

/** Waits until a gateway that was told to restart is well again. One that restarts may not have the time to answer. */
async function untilWell(
  run: StepRun,
  record: CommandRecord,
  outcome: AttemptResult,
  ran: Before,
): Promise<AttemptResult> {
  if (isWaiting(outcome)) return outcome;
  const isDone = outcome.state === 'SUCCEEDED';
  if (!isDone && outcome.state !== 'TIMED_OUT') return outcome;
  const { clientid } = run.work;
  const withinMs = Math.max(0, Math.min(WELL_WITHIN_MS, run.until - Date.now()));
  const found = await run.well.untilWell({ clientid, ran, withinMs, signal: run.signal });
  if (!found.well) {
    // Where no time was left to look, that it did not answer is all that is known.
    const reason = withinMs === 0 ? (outcome.reason ?? found.reason) : found.reason;
    return isDone
      ? { state: 'FAILED', reason, isUncertain: false, mayRepeat: false }
      : { ...outcome, reason, mayRepeat: false };
  }
  return isDone || !(await hasRestarted(run, record, ran)) ? outcome : { ...outcome, ...RESTARTED };
}

const RESTARTED = { state: 'SUCCEEDED', reason: null, isUncertain: false, mayRepeat: false } as const;

/** Whether the gateway has another connection than before, and it is not the broker that began anew. */
async function hasRestarted(run: StepRun, { sentAt }: CommandRecord, ran: Before): Promise<boolean> {
  const { since } = await gatewayOf(run);
  if (since === null || sentAt === null) return false;
  const before = Date.parse(ran.onlineSince ?? sentAt);
  return Date.parse(since) > before && !(await run.brokerBeganSince(Date.parse(sentAt)));
}

/** Reads back what the gateway has to say after a command that it has taken. */
async function verified(
  run: StepRun,
  verify: JobCondition,
  done: Ended,
  { method }: CommandRecord,
): Promise<Ended> {
  const until = Math.min(run.until, Date.now() + withinMsOf(verify));
  const reading = await readUntilHolds(run, verify, until);
  if (reading.kind === 'holds') return done;
  const reason = reasonOfReading(reading);
  if (reading.kind !== 'away')
    return { state: 'FAILED', reason, isUncertain: false, mayRepeat: isIdempotent(method) };
  const unread = runReason('run-not-read-back', { reason: reason ?? '' });
  return { state: 'TIMED_OUT', reason: unread, isUncertain: true, mayRepeat: isIdempotent(method) };
}
