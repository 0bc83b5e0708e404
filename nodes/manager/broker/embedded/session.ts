import type { Client } from 'aedes';
import type { BrokerClient } from '../broker.js';
import type { ClientConnected, ClientDisconnected } from '../events.js';
import type { GuardedStream } from './guarded-stream.js';
import type { Connection } from './listeners.js';

/** One connection of one client, from its first byte to its end. */
export interface Session {
  connection: Pick<Connection, 'ipAddress' | 'port' | 'kind' | 'ticket'>;
  guard: GuardedStream;
  client: Client;
  clientid: string;
  username: string | null;
  keepalive: number;
  protocolVersion: number;
  cleanStart: boolean;
  /** Null until the client was let in; names the session from then on. */
  connectedAt: number | null;
  /** The client sent DISCONNECT. */
  saidGoodbye: boolean;
  /** Why we end it; null while we do not. */
  endReason: string | null;
  /** A message could not be stored: nothing after it is taken, since all of it comes again. */
  isRefused: boolean;
  /** Messages that wait for the sink, and their bytes. */
  waiting: number;
  waitingBytes: number;
  isClosed: boolean;
  /** Resolves when the connection is gone. */
  closed: Promise<void>;
}

/** EMQX's word for why a session ended. */
export function reasonOf(session: Session): string {
  if (session.endReason !== null) return session.endReason;
  if (session.saidGoodbye) return 'normal';
  return session.connection.kind === 'tls' ? 'ssl_closed' : 'tcp_closed';
}

export function toConnected(session: Session, connectedAt: number): ClientConnected {
  return {
    type: 'connected',
    clientid: session.clientid,
    connectedAt,
    username: session.username,
    ipAddress: session.connection.ipAddress,
    protocolVersion: session.protocolVersion,
    keepalive: session.keepalive,
    cleanStart: session.cleanStart,
    node: null,
    source: 'embedded broker',
  };
}

export function toDisconnected(session: Session, connectedAt: number): ClientDisconnected {
  return {
    type: 'disconnected',
    clientid: session.clientid,
    reason: reasonOf(session),
    connectedAt,
    disconnectedAt: Math.max(Date.now(), connectedAt),
    node: null,
    source: 'embedded broker',
  };
}

export function toBrokerClient(session: Session): BrokerClient {
  return {
    clientid: session.clientid,
    username: session.username,
    connected: true,
    connectedAt: session.connectedAt,
    ipAddress: session.connection.ipAddress,
    port: session.connection.port,
    protocolVersion: session.protocolVersion,
    keepalive: session.keepalive,
    cleanStart: session.cleanStart,
    node: null,
  };
}
