import type { QoS } from 'mqtt-packet';
import { createOutbox, type Outbox } from './outbox.js';

/** A client as the broker knows it, connected or kept. */
export interface Session {
  clientid: string;
  username: string | null;
  ipAddress: string;
  port: number;
  protocolName: string;
  protocolVersion: number;
  keepalive: number;
  cleanStart: boolean;
  expirySeconds: number;
  receiveMaximum: number;
  /** MQTT 5 CONNECT properties, as rules print them. */
  connProps: Record<string, number>;
  createdAt: number;
  connectedAt: number;
  disconnectedAt: number | null;
  connected: boolean;
  /** The same as REST sees it, see Listing. */
  isListedConnected: boolean;
  subscriptions: Map<string, QoS>;
  outbox: Outbox;
  /** Ends the connection behind it, with this reason; null where no socket is. Resolves when all is told. */
  end: ((reason: string) => Promise<void>) | null;
}

export type NewSession = Partial<Session> & Pick<Session, 'clientid'>;

export function makeSession(given: NewSession): Session {
  const now = Date.now();
  return {
    username: null,
    ipAddress: '127.0.0.1',
    port: 40_000,
    protocolName: 'MQTT',
    protocolVersion: 4,
    keepalive: 60,
    cleanStart: true,
    expirySeconds: 0,
    receiveMaximum: 32,
    connProps: {},
    createdAt: now,
    connectedAt: now,
    disconnectedAt: null,
    connected: true,
    isListedConnected: true,
    subscriptions: new Map(),
    outbox: createOutbox(),
    end: null,
    ...given,
  };
}
