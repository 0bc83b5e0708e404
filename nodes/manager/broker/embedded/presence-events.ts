import type { InOrder } from '../../shared/keyed-queue.js';
import { messageOf } from '../../shared/tpe-error.js';
import type { BrokerEvent, BrokerEventSink } from '../events.js';
import { type Session, toConnected, toDisconnected } from './session.js';

export interface PresenceEventsOptions {
  inOrder: InOrder;
  sink: BrokerEventSink;
  /** Logs a warning, but only from time to time for one subject. */
  warn(subject: string, text: string): void;
}

/** Reports connects and disconnects to the sink, in order for each client. */
export interface PresenceEvents {
  /** The time at which a new session begins, ms since the epoch. It identifies the session, so no two sessions get the same. */
  nextConnectedAt(): number;
  connected(session: Session, connectedAt: number): void;
  disconnected(session: Session, connectedAt: number): void;
  /** Resolves when the disconnects reported so far are stored, or could not be. */
  stored(): Promise<unknown>;
}

/** Creates the reports of one broker. An event that the sink does not store is lost, with a warning. */
export function createPresenceEvents({ inOrder, sink, warn }: PresenceEventsOptions): PresenceEvents {
  /** Disconnects that the sink has not stored yet; closing the broker waits for them. */
  const lastWords = new Set<Promise<void>>();
  let lastConnectedAt = 0;

  function tell(event: BrokerEvent & { clientid: string }): Promise<void> {
    return inOrder(event.clientid, async () => sink(event)).catch((error) => {
      const what = `That ${JSON.stringify(event.clientid)} ${event.type}`;
      warn('presence', `${what} could not be stored: ${messageOf(error)}`);
    });
  }

  return {
    nextConnectedAt() {
      lastConnectedAt = Math.max(Date.now(), lastConnectedAt + 1);
      return lastConnectedAt;
    },
    connected(session, connectedAt) {
      void tell(toConnected(session, connectedAt));
    },
    disconnected(session, connectedAt) {
      const told = tell(toDisconnected(session, connectedAt)).finally(() => lastWords.delete(told));
      lastWords.add(told);
    },
    stored: () => Promise.all(lastWords),
  };
}
