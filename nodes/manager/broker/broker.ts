import type { FromSchema } from 'json-schema-to-ts';
import { flag, objectOf, text, textOrNull } from '../shared/value-schemas.js';
import type { BrokerEventSink } from './events.js';

const numberOrNull = { type: ['number', 'null'] } as const;

/** The outcome of a login, by the registry's entry for the client id. */
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
  /** Between which moments it began, ms by `performance.now()`, which no clock that is set moves; null where it does not say. */
  began: { after: number; before: number } | null;
}

export interface BrokerClientPage {
  clients: BrokerClient[];
  /** Goes into the next call; null on the last page. */
  next: string | null;
}

/** A request on its way to one gateway, sent at QoS 1 and never retained. */
export interface BrokerMessage {
  topic: string;
  payload: string;
}

/** The result of one publish. `accepted` is the broker's acknowledgement, never the gateway's. */
export type PublishReceipt =
  | { accepted: true /** The broker says that nobody listens on the topic. */; noSubscriber: boolean }
  | { accepted: false; reason: string };

export interface BrokerHealth {
  connected: boolean;
  /** In words: `listening on 127.0.0.1:1883`, `mqtts://emqx:8883: connection refused`. */
  detail: string;
}

/** A way to the gateways. Implementations: embedded-broker.ts, mqtt-broker.ts, emqx-broker.ts. */
export interface Broker {
  readonly kind: 'embedded' | 'mqtt' | 'emqx';
  /**
   * True if the broker reports each connect and disconnect and can list its clients. If false, presence comes from messages of
   * gateways and from probes.
   */
  readonly knowsPresence: boolean;
  /**
   * Starts; resolves when it works, or, for a remote broker, when the first attempt has been made (it goes on
   * trying). Rejects only on what no retry can mend: a taken port, a bad URL, a bad certificate file.
   */
  open(sink: BrokerEventSink): Promise<void>;
  /** Never rejects: the receipt has the result. */
  publish(message: BrokerMessage): Promise<PublishReceipt>;
  /** Receipts in the order of the messages. Never rejects. */
  publishMany(messages: readonly BrokerMessage[]): Promise<PublishReceipt[]>;
  /** Rejects with UNAVAILABLE if the broker cannot be queried or has no such list. `limit` 1..10000. */
  listClients(limit: number, cursor: string | null): Promise<BrokerClientPage>;
  /** The nodes of its cluster; empty if it has no cluster, or does not report it. Rejects as listClients does. */
  listNodes(): Promise<BrokerNode[]>;
  /** Called with its nodes, every few seconds. */
  onNodes(listener: (nodes: readonly BrokerNode[]) => void): void;
  /** Called when a connection that brings events is back: events in the meantime may be lost. */
  onGap(listener: () => void): void;
  /** False where it is known to be away for questions, so that they would only fail. */
  canBeAsked(): boolean;
  /** False where it is known to be away for messages. */
  canPublish(): boolean;
  /** The time that the list may lag behind the events, ms. */
  listLagMs(): number;
  /** Null when the broker has no such client. Rejects as listClients does. */
  getClient(clientid: string): Promise<BrokerClient | null>;
  /** Ends the client's session; false when there was none. Rejects with UNAVAILABLE where the broker cannot do it. */
  disconnectClient(clientid: string): Promise<boolean>;
  /**
   * Bans a client that is no gateway any more, if the broker can, and ends its session. Does nothing if the broker accepts
   * registered gateways only. Rejects with UNAVAILABLE.
   */
  ban(clientid: string): Promise<void>;
  /** Lifts our ban of those clients that have one. Rejects with UNAVAILABLE. */
  unban(clientids: readonly string[]): Promise<void>;
  health(): BrokerHealth;
  /** Called with each change of `health()`. */
  onHealth(listener: (health: BrokerHealth) => void): void;
  /**
   * Called with each start of the broker that is seen, also long after it: since then all its clients are new. `at` is ms
   * since the epoch.
   */
  onStart(listener: (at: number) => void): void;
  close(): Promise<void>;
}
