import { type CommandRecord, type CommandRequest, hasEnded } from '../../commands/command.js';
import { executionKey } from '../../commands/execution-key.js';
import { commandOutcome, isWaiting } from './command-outcome.js';
import type { StepRun } from './run-options.js';
import { withPatience } from './with-patience.js';

// What a step sends has a key in its record, so that an attempt that goes on after a crash finds it. A try that reached nobody, or which the
// gateway put off, has a record as well: the next one has the next number.

/** Names a part of a step; `number` is that of the try, from 1. */
export function partKey({ work, index }: StepRun, part: string, number = 1): string {
  const { job, attempt } = work;
  return executionKey({ job, attempt, step: index, part: number === 1 ? part : `${part}.${number}` });
}

/** What a step has sent so far. */
export interface SentBefore {
  /** The command that counts, open or ended; null: nothing has reached the gateway. */
  record: CommandRecord | null;
  /** The number of tries. */
  tries: number;
}

/** Finds what a step has sent before. */
export async function sentBefore(run: StepRun): Promise<SentBefore> {
  const records = await withPatience(run, () =>
    run.commands.ofExecution(run.work.clientid, partKey(run, 'send')),
  );
  const last = records.at(-1);
  const counts = last !== undefined && !(hasEnded(last.state) && isWaiting(commandOutcome(last)));
  return { record: counts ? last : null, tries: records.length };
}

/** Sends a command as one part of a step, unless that was sent before. Resolves with its record when it has ended. */
export async function sendPart(run: StepRun, request: CommandRequest, key: string): Promise<CommandRecord> {
  return await withPatience(run, () => run.commands.send({ ...request, execution: key }));
}

/** Resolves with the record of a command when it has ended. */
export async function whenEnded(run: StepRun, record: CommandRecord): Promise<CommandRecord> {
  if (hasEnded(record.state)) return record;
  const ended = await withPatience(run, () => run.commands.waitFor(record.requestId, Infinity));
  return ended ?? record;
}
