import type { IncomingHttpHeaders } from 'node:http';
import type { Session } from '../../manager/accounts/sessions.js';
import { isSameOrigin } from './same-origin.js';

const SWEEP_MS = 30_000;
const LONGEST_WIDGET_ID = 100;

/** What is used here of a socket of socket.io's server. */
export interface GuardedSocket {
  readonly handshake: { headers: IncomingHttpHeaders };
  /** The transport below. */
  readonly conn: { close(): void };
  data: { user?: string };
  use(listener: (packet: unknown[], next: (error?: Error) => void) => void): unknown;
  once(event: 'disconnecting', listener: () => void): unknown;
  disconnect(close: boolean): unknown;
}

export interface SocketGuard {
  middleware: (socket: GuardedSocket, next: (error?: Error) => void) => void;
  /** Disconnects whose session has ended. Happens by itself too, within half a minute. */
  dropEnded(): void;
}

/**
 * Admits sockets of a page of this host whose session is good, and only as long as it is. Sets `socket.data.user`.
 * Packets that the dashboard's server would stumble over are dropped.
 */
export function guardSockets(sessionOf: (headers: IncomingHttpHeaders) => Session | null): SocketGuard {
  const admitted = new Set<GuardedSocket>();

  const dropEnded = () => {
    for (const socket of admitted) {
      if (!sessionOf(socket.handshake.headers)) socket.disconnect(true);
    }
  };
  setInterval(dropEnded, SWEEP_MS).unref();

  return {
    middleware(socket, next) {
      const { headers } = socket.handshake;
      const session = isSameOrigin(headers) ? sessionOf(headers) : null;
      if (!session) {
        next(refusal());
        // Not before the refusal is on its way.
        return void setImmediate(() => socket.conn.close());
      }
      socket.data.user = session.user;
      socket.use((packet, go) => {
        if (isSound(packet)) go();
      });
      admitted.add(socket);
      // Not `disconnect`, whose listeners the dashboard removes when flows are deployed.
      socket.once('disconnecting', () => admitted.delete(socket));
      next();
    },
    dropEnded,
  };
}

function refusal(): Error {
  return Object.assign(new Error('Sign in to the dashboard first.'), { data: { code: 'UNAUTHORIZED' } });
}

/** The dashboard takes the first argument of its events for a widget's id without looking, and would end on another. */
function isSound([event, id]: unknown[]): boolean {
  if (typeof event !== 'string' || !event.startsWith('widget-')) return true;
  return typeof id === 'string' && id.length <= LONGEST_WIDGET_ID;
}
