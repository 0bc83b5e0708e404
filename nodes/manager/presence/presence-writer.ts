import type { Database } from '../database/database.js';
import { createGroupCommit } from '../database/group-commit.js';
import { isReplacement } from '../registry/connection-reasons.js';
import { type Applied, applyPresenceEvents, type PresenceEvent } from './apply-events.js';

export interface PresenceWriter {
  /**
   * Resolves with the result once the event is in the database; while the database is away, the event waits. Rejects with BUSY
   * when too many events wait already, with CLOSED after close, with UNAVAILABLE when it is closed while the database is away,
   * and otherwise with the database's own error.
   */
  apply(event: PresenceEvent): Promise<Applied>;
  /** How many events wait for the database. */
  waiting(): number;
  close(): Promise<void>;
}

export interface PresenceWriterOptions {
  database: Database;
  /** Whether the broker can be queried about a client. */
  canAsk: boolean;
  /** Called after each write, with the number of events and the duration in ms. */
  onWritten(items: number, ms: number): void;
}

const MAX_BATCH = 2000;
const MAX_WAITING = 50_000;
const NOTHING: Applied = { change: null, isInconclusive: false };

/** Writes connects and disconnects in order of arrival. It collects many into one statement, so that a busy fleet stays cheap. */
export function createPresenceWriter(options: PresenceWriterOptions): PresenceWriter {
  const { database, canAsk, onWritten } = options;
  const writes = createGroupCommit<PresenceEvent, Applied>({
    write: (events) => applyPresenceEvents(database, events, canAsk),
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    onWritten,
  });
  return {
    apply(event) {
      // The session went on in another connection, which has a connect event of its own.
      if (event.type === 'disconnected' && isReplacement(event.reason)) return Promise.resolve(NOTHING);
      return writes.add(event);
    },
    waiting: writes.waiting,
    close: () => writes.close(),
  };
}
