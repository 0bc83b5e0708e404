/** Where the manager learnt a thing; people read it in brackets behind each state. */
export type EventSource = 'embedded broker' | 'mqtt' | 'webhook' | 'reconcile' | 'probe';

/** A client opened a session. */
export interface ClientConnected {
  type: 'connected';
  clientid: string;
  /** When this session began, ms since the epoch, on the broker's clock: it names the session. */
  connectedAt: number;
  username: string | null;
  ipAddress: string | null;
  /** 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0. */
  protocolVersion: number | null;
  /** Seconds. */
  keepalive: number | null;
  cleanStart: boolean | null;
  /** The broker's node that holds the session. */
  node: string | null;
  source: EventSource;
}

/** A session ended. */
export interface ClientDisconnected {
  type: 'disconnected';
  clientid: string;
  /** The broker's own word: `normal`, `keepalive_timeout`, `takenover`, ... An open set. */
  reason: string;
  /** `connectedAt` of the session that ended; null where an old broker does not say. */
  connectedAt: number | null;
  /** ms since the epoch, on the broker's clock. */
  disconnectedAt: number;
  node: string | null;
  source: EventSource;
}

/** Why a client was refused. An open set for external brokers. */
export const REFUSAL_REASONS = [
  'unknown',
  'wrong_username',
  'wrong_password',
  'disabled',
  'no_credentials',
  'bad_clientid',
  'slowed_down',
  'too_many',
  'unavailable',
  'not_authorized',
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** A client was refused at connect. Its claims about itself are unproven. */
export interface LoginRefused {
  type: 'refused';
  clientid: string;
  username: string | null;
  ipAddress: string | null;
  reason: RefusalReason;
  /** ms since the epoch. */
  at: number;
  source: EventSource;
}

/** A gateway published something. */
export interface GatewayMessage {
  type: 'message';
  /** The publisher where the broker tells it; else null, and the topic tells. */
  clientid: string | null;
  topic: string;
  payload: Buffer;
  qos: number;
  retain: boolean;
  /** ms since the epoch. */
  receivedAt: number;
  source: EventSource;
}

/** All events of a broker, in one shape for every transport. */
export type BrokerEvent = ClientConnected | ClientDisconnected | LoginRefused | GatewayMessage;

/**
 * Takes an event; resolves when its effect is in the database, so that a broker may acknowledge it then
 * and not before. Rejects with a TpeError (UNAVAILABLE, BUSY) when it is not there and should be sent again.
 */
export type BrokerEventSink = (event: BrokerEvent) => Promise<void>;
