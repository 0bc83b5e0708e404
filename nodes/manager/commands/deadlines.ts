import type { Redaction } from '../shared/redact.js';
import type { CommandRecord } from './command.js';
import { commandReason } from './command-reasons.js';
import type { CommandEnd } from './command-store.js';

/** A command of this manager that has not ended. */
export interface OpenCommand {
  /** The id of its operation. */
  operation: string | null;
  /** The known secrets; null for a command that was resumed from its record, which does not contain them. */
  redaction: Redaction | null;
}

/** The open commands of this manager, each with the time at which it ends when nothing else ends it. */
export interface Deadlines {
  /** Starts the deadline of a command in flight: after `afterMs` it ends as TIMED_OUT. */
  timeOut(record: CommandRecord, afterMs: number, redaction: Redaction | null): void;
  /** Starts the deadline of a queued command: at its `expiresAt` it ends as EXPIRED. */
  expire(record: CommandRecord, redaction: Redaction | null): void;
  /** Tries the same end again after a pause, if the deadline has passed but the end could not be written. */
  retry(requestId: string): void;
  get(requestId: string): OpenCommand | undefined;
  has(requestId: string): boolean;
  requestIds(): Iterable<string>;
  /** Removes the state of a command that has ended, and returns it. */
  clear(requestId: string): OpenCommand | undefined;
  close(): void;
}

/** The pause between two attempts to write the end of a command, ms. */
const RETRY_MS = 10_000;

/** Creates the deadlines. A command has one at a time; `onOver` is called when it passes, to end the command in the database. */
export function createDeadlines(onOver: (clientid: string, ending: CommandEnd) => void): Deadlines {
  const open = new Map<string, OpenCommand & { timer: NodeJS.Timeout; hasPassed: boolean; passed(): void }>();

  function later(
    { requestId, clientid, operation }: CommandRecord,
    redaction: Redaction | null,
    afterMs: number,
    ending: () => CommandEnd,
  ): void {
    clearTimeout(open.get(requestId)?.timer);
    const passed = () => {
      entry.hasPassed = true;
      onOver(clientid, ending());
    };
    const timer = setTimeout(passed, Math.max(0, afterMs));
    const entry = { timer, operation, redaction, passed, hasPassed: false };
    open.set(requestId, entry);
  }

  return {
    timeOut(record, afterMs, redaction) {
      const { requestId, timeoutMs } = record;
      const seconds = timeoutMs / 1000;
      later(record, redaction, afterMs, () => ({
        requestId,
        from: 'SENT',
        to: 'TIMED_OUT',
        reason: commandReason('no-answer', { seconds }),
        reasonIfCutOff: commandReason('no-answer-connection-ended', { seconds }),
        code: 'TIMED_OUT',
      }));
    },
    expire(record, redaction) {
      const { requestId, expiresAt } = record;
      later(record, redaction, Date.parse(expiresAt) - Date.now(), () => ({
        requestId,
        from: 'QUEUED',
        to: 'EXPIRED',
        reason: commandReason('gateway-not-reached-in-time', { time: expiresAt }),
        code: 'TIMED_OUT',
      }));
    },
    retry(requestId) {
      const entry = open.get(requestId);
      if (entry?.hasPassed !== true) return;
      entry.hasPassed = false;
      entry.timer = setTimeout(entry.passed, RETRY_MS);
    },
    get: (requestId) => open.get(requestId),
    has: (requestId) => open.has(requestId),
    requestIds: () => open.keys(),
    clear(requestId) {
      const ended = open.get(requestId);
      clearTimeout(ended?.timer);
      open.delete(requestId);
      return ended;
    },
    close() {
      for (const { timer } of open.values()) clearTimeout(timer);
      open.clear();
    },
  };
}
