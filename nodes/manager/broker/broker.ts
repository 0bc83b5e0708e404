import type { FromSchema } from 'json-schema-to-ts';
import type { Reason } from '../shared/reason.js';
import { flag, objectOf, text, textOrNull } from '../shared/value-schemas.js';
import type { BrokerEventSink } from './events.js';

const numberOrNull = { type: ['number', 'null'] } as const;

/** The outcome of a login, as the registry's entry for the client id decides it. */
export type AuthenticationResult = 'accepted' | 'unknown' | 'wrong_username' | 'disabled' | 'wrong_password';

/** One client as the broker knows it now. */
export const BROKER_CLIENT = {
  ...objectOf({
    clientid: text,
    username: textOrNull,
    connected: flag,
    connectedAt: {
      ...numberOrNull,
      description: 'Milliseconds since 1970-01-01 in UTC; names the session. Null: the broker does not say.',
    },
    ipAddress: textOrNull,
    port: numberOrNull,
    protocolVersion: { ...numberOrNull, description: '3, 4 (MQTT 3.1.1) or 5.' },
    keepalive: { ...numberOrNull, description: 'Seconds.' },
    cleanStart: { type: ['boolean', 'null'] },
    node: { ...textOrNull, description: "Of the broker's cluster." },
  }),
  description: 'A client as the broker knows it now.',
} as const;
export type BrokerClient = FromSchema<typeof BROKER_CLIENT>;

/** The connection of a client at the broker; null if the broker could not be queried. */
export type Standing = Pick<BrokerClient, 'connected' | 'connectedAt'> | null;

/** One node of the broker's cluster, as the queried node sees it. */
export interface BrokerNode {
  name: string;
  isRunning: boolean;
  /** The number of its clients; null if it does not report it. */
  connected: number | null;
  /** Its start lies between these times, in ms of `performance.now()`, which setting the clock does not change; null if unknown. */
  began: { after: number; before: number } | null;
}

export interface BrokerClientPage {
  clients: BrokerClient[];
  /** The cursor for the next call; null on the last page. */
  next: string | null;
}

/** A request on its way to one gateway, sent at QoS 1 and never retained. */
export interface BrokerMessage {
  topic: string;
  payload: string;
}

/**
 * The result of one publish. `accepted` says that the broker has the message, not that the gateway has it. `noSubscriber` is false also if
 * the broker does not report subscribers.
 */
export type PublishReceipt =
  | { accepted: true /** True if the broker reports no subscriber. */; noSubscriber: boolean }
  | { accepted: false; reason: Reason };

export interface BrokerHealth {
  connected: boolean;
  /** For a person, such as `listening on 127.0.0.1:1883` or `mqtts://emqx:8883: connection refused`. */
  detail: string;
}

/** The broker that connects the gateways. Implementations: embedded-broker.ts, mqtt-broker.ts, emqx-broker.ts. */
export interface Broker {
  readonly kind: 'embedded' | 'mqtt' | 'emqx';
  /**
   * True if the broker reports each connect and disconnect and can list its clients. If false, presence comes from messages of
   * gateways and from probes.
   */
  readonly knowsPresence: boolean;
  /**
   * Starts. Resolves when the embedded broker listens, or when the first attempt to reach a remote broker has ended; attempts go on after
   * that. Rejects only for what no retry can fix: a port that is taken, a bad URL, a bad certificate file.
   */
  open(sink: BrokerEventSink): Promise<void>;
  /** Never rejects: the receipt says why a message was not accepted. */
  publish(message: BrokerMessage): Promise<PublishReceipt>;
  /** Receipts in the order of the messages. Never rejects. */
  publishMany(messages: readonly BrokerMessage[]): Promise<PublishReceipt[]>;
  /** `limit` is 1 to 10,000. Rejects with UNAVAILABLE if the broker cannot be queried or has no such list. */
  listClients(limit: number, cursor: string | null): Promise<BrokerClientPage>;
  /** Reads the nodes of its cluster; empty if it has no cluster or does not report it. Rejects as listClients does. */
  listNodes(): Promise<BrokerNode[]>;
  /** Calls the listener with its nodes every few seconds. */
  onNodes(listener: (nodes: readonly BrokerNode[]) => void): void;
  /** Calls the listener when a connection that brings events is back: events in the meantime may be lost. */
  onGap(listener: () => void): void;
  /** False if it is known that queries would fail. */
  canBeAsked(): boolean;
  /** False if it is known that publishing would fail. */
  canPublish(): boolean;
  /** The time by which the list may be behind the events, ms. */
  listLagMs(): number;
  /** Null if the broker has no such client. Rejects as listClients does. */
  getClient(clientid: string): Promise<BrokerClient | null>;
  /** Ends the client's session; false if it had none. Rejects with UNAVAILABLE if the broker cannot do it. */
  disconnectClient(clientid: string): Promise<boolean>;
  /**
   * Bans the client of a retired gateway and ends its session. Does nothing if the broker cannot ban, or accepts registered gateways only.
   * Rejects with UNAVAILABLE.
   */
  ban(clientid: string): Promise<void>;
  /** Lifts the bans that this manager set for these clients, and no others. Rejects with UNAVAILABLE. */
  unban(clientids: readonly string[]): Promise<void>;
  health(): BrokerHealth;
  /** Calls the listener with each change of `health()`. */
  onHealth(listener: (health: BrokerHealth) => void): void;
  /**
   * Calls the listener with each start of the broker that is noticed, possibly long after it; `at` is ms since the epoch. After a start
   * every gateway has to connect again, so those connects do not point to a bad link.
   */
  onStart(listener: (at: number) => void): void;
  close(): Promise<void>;
}
