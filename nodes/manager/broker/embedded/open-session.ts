import type { Aedes } from 'aedes';
import { guardStream } from './guarded-stream.js';
import type { Connection } from './listeners.js';
import type { Session } from './session.js';

export interface OpenSessionOptions {
  engine: Pick<Aedes, 'handle'>;
  /** Logs a warning, but only from time to time for one subject. */
  warn(subject: string, text: string): void;
  /** Called when the connection of the session is closed. */
  onClosed(session: Session): void;
}

/** Creates the session of a connection. The engine has read nothing yet: the caller passes the first bytes to the guard. */
export function openSession(options: OpenSessionOptions, connection: Connection): Session {
  const guard = guardStream(connection.stream, {
    onGoodbye() {
      session.saidGoodbye = true;
    },
    onTooLarge(bytes) {
      const text = `${nameOf(session)} published ${bytes} bytes, over the limit of 1 MiB: dropped.`;
      options.warn(`large ${session.clientid}`, text);
    },
    onViolation() {
      session.endReason ??= 'protocol_error';
    },
  });
  const closed = new Promise<void>((resolve) => {
    guard.stream.once('close', () => {
      options.onClosed(session);
      resolve();
    });
  });
  const session: Session = {
    connection,
    guard,
    client: options.engine.handle(guard.stream),
    clientid: '',
    username: null,
    keepalive: 0,
    protocolVersion: 0,
    cleanStart: true,
    connectedAt: null,
    saidGoodbye: false,
    endReason: null,
    isRefused: false,
    waiting: 0,
    waitingBytes: 0,
    isClosed: false,
    closed,
  };
  return session;
}

/** Ends a session. `reason` is a word of EMQX; an earlier reason takes precedence. Resolves when its connection is closed. */
export function endSession(session: Session, reason: string): Promise<void> {
  session.endReason ??= reason;
  session.client.close();
  session.guard.stream.destroy();
  return session.closed;
}

/** Names a session for a person, by client id and address. */
export function nameOf(session: Session): string {
  const name = JSON.stringify(session.clientid.slice(0, 120));
  return session.connection.ipAddress === null ? name : `${name} from ${session.connection.ipAddress}`;
}
