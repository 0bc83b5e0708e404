import type { FromSchema } from 'json-schema-to-ts';
import { flag, objectOf, text, textOrNull } from '../shared/value-schemas.js';
import type { BrokerEventSink } from './events.js';

const numberOrNull = { type: ['number', 'null'] } as const;

/** What becomes of a login, by what the registry has of the client id. */
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

/** Whether the broker has a session of a client now, and since when; null where it could not be asked. */
export type Standing = Pick<BrokerClient, 'connected' | 'connectedAt'> | null;

/** One node of the broker's cluster, as the node that we ask sees it. */
export interface BrokerNode {
  name: string;
  isRunning: boolean;
  /** How many clients are connected to it; null where it does not say. */
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

/** What became of one publish. `accepted` is the broker's word, never the gateway's. */
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
   * True where the broker tells of each connect and disconnect and can list its clients.
   * Where false, presence comes from what gateways say and from probing.
   */
  readonly knowsPresence: boolean;
  /**
   * Starts; resolves when it works, or, for a remote broker, when the first attempt has been made (it goes on
   * trying). Rejects only on what no retry can mend: a taken port, a bad URL, a bad certificate file.
   */
  open(sink: BrokerEventSink): Promise<void>;
  /** Never rejects: the receipt says it. */
  publish(message: BrokerMessage): Promise<PublishReceipt>;
  /** Receipts in the order of the messages. Never rejects. */
  publishMany(messages: readonly BrokerMessage[]): Promise<PublishReceipt[]>;
  /** Rejects with UNAVAILABLE where the broker cannot be asked or cannot tell. `limit` 1..10000. */
  listClients(limit: number, cursor: string | null): Promise<BrokerClientPage>;
  /** The nodes of its cluster; none where it has no such thing, or does not tell. Rejects as listClients does. */
  listNodes(): Promise<BrokerNode[]>;
  /** Called with what each look at its nodes found, some seconds apart. */
  onNodes(listener: (nodes: readonly BrokerNode[]) => void): void;
  /** Called when a connection by which it tells us things is back: what happened meanwhile may not have been told. */
  onGap(listener: () => void): void;
  /** False where it is known to be away for questions, so that they would only fail. */
  canBeAsked(): boolean;
  /** False where it is known to be away for messages. */
  canPublish(): boolean;
  /** So far, ms, the list may be behind what the broker told of a client already. */
  listLagMs(): number;
  /** Null when the broker has no such client. Rejects as listClients does. */
  getClient(clientid: string): Promise<BrokerClient | null>;
  /** Ends the client's session; false when there was none. Rejects with UNAVAILABLE where the broker cannot do it. */
  disconnectClient(clientid: string): Promise<boolean>;
  /**
   * Keeps a client that is no gateway any more from coming back, where the broker can; ends its session too.
   * Does nothing where only registered gateways are let in anyway. Rejects with UNAVAILABLE.
   */
  lockOut(clientid: string): Promise<void>;
  /** Takes back what lockOut did, of all these clients that it was done to. Rejects with UNAVAILABLE. */
  letIn(clientids: readonly string[]): Promise<void>;
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
