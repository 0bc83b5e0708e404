import type { CommandRecord } from '../../commands/command.js';
import type { JobCondition } from '../definition/definition.js';
import { type Ended, SUCCEEDED } from './command-outcome.js';
import { gatewayOf } from './filled-request.js';
import { readUntilHolds, withinMsOf } from './read-condition.js';
import type { StepRun } from './run-options.js';
import { runReason } from './run-reasons.js';

/** For how many times its timeout a gateway must have been online since a command was sent, so that it has certainly not done it. */
const TIMES = 2;
/** The time beyond that in which it is asked, ms. */
const MORE_MS = 5000;

/**
 * Finds out what became of a command without an answer: it was done where the condition holds. Where it does not, and the gateway has been
 * online for long enough since, it was not, and can be sent again, whatever it does. Else nobody knows.
 */
export async function proved(
  run: StepRun,
  verify: JobCondition,
  uncertain: Ended,
  record: CommandRecord,
): Promise<Ended> {
  const enoughMs = TIMES * record.timeoutMs;
  const sentAt = Date.parse(record.sentAt ?? record.createdAt);
  const until = Math.min(run.until, Date.now() + Math.max(withinMsOf(verify), enoughMs + MORE_MS));
  let isProved = false;
  const reading = await readUntilHolds(run, verify, until, async ({ kind }) => {
    if (kind !== 'differs') return false;
    isProved = await wasOnlineFor(run, sentAt, enoughMs);
    return isProved;
  });
  if (reading.kind === 'holds') return SUCCEEDED;
  if (!isProved || reading.kind !== 'differs') return uncertain;
  const reason = runReason('run-proved-not-done', { reason: reading.reason });
  return { ...uncertain, reason, isUncertain: false, mayRepeat: true };
}

/** Whether the gateway has been online without a break for longer than `ms`, since a time or since it came back after it. */
async function wasOnlineFor(run: StepRun, from: number, ms: number): Promise<boolean> {
  const { status, since } = await gatewayOf(run);
  if (status !== 'online' || since === null) return false;
  return Date.now() - Math.max(from, Date.parse(since)) > ms;
}
