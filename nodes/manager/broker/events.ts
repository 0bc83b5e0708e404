/** How the manager learnt of an event. The dashboard shows it in brackets behind each state. */
export type EventSource = 'embedded broker' | 'mqtt' | 'webhook' | 'reconcile' | 'probe';

/** A client opened a session. */
export interface ClientConnected {
  type: 'connected';
  clientid: string;
  /** When this session began, ms since the epoch by the broker's clock. It identifies the session. */
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
  /** The broker's own word, such as `normal`, `keepalive_timeout` or `takenover`. Brokers may have others. */
  reason: string;
  /** `connectedAt` of the session that ended; null if the broker does not say it, as old ones do not. */
  connectedAt: number | null;
  /** ms since the epoch by the broker's clock. */
  disconnectedAt: number;
  node: string | null;
  source: EventSource;
}

/** Why a client was refused. */
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

/** A client was refused at connect. Client id and username are what it claimed, without proof. */
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
  /** The publisher; null if the broker does not say it, and then the topic shows it. */
  clientid: string | null;
  topic: string;
  payload: Buffer;
  qos: number;
  retain: boolean;
  /** ms since the epoch. */
  receivedAt: number;
  source: EventSource;
}

/** Any event of a broker. It has the same form however it arrived. */
export type BrokerEvent = ClientConnected | ClientDisconnected | LoginRefused | GatewayMessage;

/**
 * Takes an event. Resolves when its effect is in the database: only then may the broker acknowledge it. Rejects with a TpeError
 * (UNAVAILABLE, BUSY) if it was not stored and should be sent again.
 */
export type BrokerEventSink = (event: BrokerEvent) => Promise<void>;
