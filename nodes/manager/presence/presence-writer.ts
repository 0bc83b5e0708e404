import type { Database } from '../database/database.js';
import { createGroupCommit } from '../database/group-commit.js';
import { applyPresenceEvents, type PresenceEvent } from './apply-events.js';
import type { Presence } from './presence.js';
import { isReplacement } from './reason.js';

export interface PresenceWriter {
  /**
   * Resolves when the event is in the database, with what it changed (null: nothing).
   * `patienceMs`: give up with UNAVAILABLE after so long; left out, wait for the database.
   */
  apply(event: PresenceEvent, patienceMs?: number): Promise<Presence | null>;
  close(): Promise<void>;
}

const MAX_BATCH = 2000;
const MAX_WAITING = 50_000;

/** Writes connects and disconnects, many in one statement, in the order in which they came. */
export function createPresenceWriter(
  database: Database,
  onTrouble: (error: unknown) => void,
): PresenceWriter {
  const writes = createGroupCommit<PresenceEvent, Presence | null>({
    write: (events) => applyPresenceEvents(database, events),
    maxBatch: MAX_BATCH,
    maxWaiting: MAX_WAITING,
    onTrouble,
  });
  return {
    async apply(event, patienceMs) {
      if (event.type === 'disconnected' && isReplacement(event.reason)) return null;
      return await writes.add(event, patienceMs);
    },
    close: () => writes.close(),
  };
}
