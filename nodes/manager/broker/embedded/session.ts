import type { Client } from 'aedes';
import type { BrokerClient } from '../broker.js';
import type { ClientConnected, ClientDisconnected } from '../events.js';
import type { GuardedStream } from './guarded-stream.js';
import type { Connection } from './listeners.js';

/** One connection of one client, from its CONNECT to its end. */
export interface Session {
  connection: Pick<Connection, 'ipAddress' | 'port' | 'kind' | 'ticket'>;
  guard: GuardedStream;
  client: Client;
  clientid: string;
  username: string | null;
  keepalive: number;
  protocolVersion: number;
  cleanStart: boolean;
  /** When the client was accepted, ms since the epoch, which identifies the session; null before. */
  connectedAt: number | null;
  /** The client sent DISCONNECT. */
  saidGoodbye: boolean;
  /** The reason for which the broker ends the session; null if it does not. */
  endReason: string | null;
  /** True after a message could not be stored. Later ones of QoS 1 and 2 are rejected, since the client sends them all again. */
  isRefused: boolean;
  /** The number of messages that wait for the sink. */
  waiting: number;
  waitingBytes: number;
  isClosed: boolean;
  /** Resolves when the connection is closed. */
  closed: Promise<void>;
}

/** Returns EMQX's word for the reason why a session ended. */
export function reasonOf(session: Session): string {
  if (session.endReason !== null) return session.endReason;
  if (session.saidGoodbye) return 'normal';
  return session.connection.kind === 'tls' ? 'ssl_closed' : 'tcp_closed';
}

/** Makes the event of a session that began at `connectedAt`, ms since the epoch. */
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

/** Makes the event of a session that began at `connectedAt`, ms since the epoch, and ends now. */
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

/** Describes the client of a session as the broker's list has it. */
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
