import type { Aedes } from 'aedes';
import { guardStream } from './guarded-stream.js';
import type { Connection } from './listeners.js';
import type { Session } from './session.js';

export interface OpenSessionOptions {
  engine: Pick<Aedes, 'handle'>;
  /** Writes of one subject now and then. */
  warn(subject: string, text: string): void;
  /** Its connection is gone. */
  onClosed(session: Session): void;
}

/** Makes a session of a connection, whose first bytes are not handed on yet. */
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

/** Ends a session for a reason of ours; resolves when its connection is gone. */
export function endSession(session: Session, reason: string): Promise<void> {
  session.endReason ??= reason;
  session.client.close();
  session.guard.stream.destroy();
  return session.closed;
}

/** For a person: the client id, and from where it comes. */
export function nameOf(session: Session): string {
  const name = JSON.stringify(session.clientid.slice(0, 120));
  return session.connection.ipAddress === null ? name : `${name} from ${session.connection.ipAddress}`;
}
