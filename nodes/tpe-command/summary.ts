import type { CommandRecord, CommandState } from '../manager/commands/command.js';
import { type SentCommand, whyNotDone } from './answer-message.js';

/** Most failures that a summary lists. It counts all of them. */
const MAX_LISTED = 100;

interface Counts {
  succeeded: number;
  failed: number;
  timedOut: number;
  rejected: number;
  expired: number;
  canceled: number;
  /** Commands that have not ended: the node does not wait for the end, or does something else now. */
  inProgress: number;
}

const COUNTED_AS: Readonly<Record<CommandState, keyof Counts>> = {
  QUEUED: 'inProgress',
  SENT: 'inProgress',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  TIMED_OUT: 'timedOut',
  REJECTED: 'rejected',
  EXPIRED: 'expired',
  CANCELED: 'canceled',
};

/** A command that ended without success. */
export interface Failure
  extends Pick<CommandRecord, 'clientid' | 'requestId' | 'state' | 'reason' | 'cause'> {
  code: CommandRecord['reasonCode'];
}

/** What became of the commands of one message. */
export interface Summary extends Counts {
  /** Number of commands, the sum of the others. */
  total: number;
  /** The first 100, in the order in which they ended. */
  failures: Failure[];
  /** Time since the message came, ms. */
  tookMs: number;
}

/** Counts the commands of one message. */
export interface Tally {
  /** Counts a command, and resolves with its record. One that rejects was not recorded, and does not count. */
  count(command: Promise<SentCommand>): Promise<SentCommand>;
  summary(): Summary;
}

/** Creates the tally of a message that came just now. */
export function createTally(): Tally {
  const begun = performance.now();
  const counts: Counts = {
    succeeded: 0,
    failed: 0,
    timedOut: 0,
    rejected: 0,
    expired: 0,
    canceled: 0,
    inProgress: 0,
  };
  const failures: Failure[] = [];

  const add = (record: SentCommand) => {
    const kind = countedAs(record);
    counts[kind] += 1;
    if (kind === 'succeeded' || kind === 'inProgress' || failures.length === MAX_LISTED) return;
    const { clientid, requestId, state, reason, cause, reasonCode, well } = record;
    const told = well?.well === false ? whyNotDone(record) : null;
    failures.push({
      ...{ clientid, requestId, state },
      reason: told?.text ?? reason,
      cause: told?.cause ?? cause,
      code: told?.code ?? reasonCode,
    });
  };

  return {
    async count(command) {
      counts.inProgress += 1;
      try {
        const record = await command;
        add(record);
        return record;
      } finally {
        counts.inProgress -= 1;
      }
    },
    summary: () => ({
      total: Object.values(counts).reduce((sum, one) => sum + one, 0),
      ...counts,
      failures: [...failures],
      tookMs: Math.round(performance.now() - begun),
    }),
  };
}

/** Where a gateway was to be well again, that decides. */
function countedAs({ state, well }: SentCommand): keyof Counts {
  if (well) return well.well ? 'succeeded' : 'failed';
  return COUNTED_AS[state];
}
