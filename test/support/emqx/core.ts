import type { Packet } from 'mqtt-packet';
import type { Access } from './access.js';
import type { Bans } from './bans.js';
import type { Listing } from './listing.js';
import type { Message } from './message.js';
import type { Router } from './router.js';
import type { NewSession, Session } from './session.js';
import type { Dialect } from './versions.js';

/** What a client said in CONNECT, before anything is decided. */
export interface ConnectAttempt {
  clientid: string;
  username: string | null;
  ipAddress: string;
  keepalive: number;
  protocolVersion: number;
}

/** What EMQX's plugins and rules hang on to. Awaited in the client's own connection, and none of them rejects. */
export interface EngineHooks {
  connect(attempt: ConnectAttempt): Promise<void>;
  connected(session: Session): Promise<void>;
  connack(attempt: ConnectAttempt, connectedAt: number | null, result: string): Promise<void>;
  disconnected(session: Session, reason: string): Promise<void>;
  published(message: Message): Promise<void>;
}

/** What one connection needs of the broker behind it. */
export interface Core {
  dialect: Dialect;
  access: Access;
  bans: Bans;
  router: Router;
  listing: Listing;
  hooks: EngineHooks;
  /**
   * Ends who has the client id now, and begins a session or goes on with the one that was kept. It does not wait for
   * a webhook that is still told of an earlier going, as between two nodes of a cluster: so every order can come up.
   */
  begin(given: NewSession): Promise<{ session: Session; isPresent: boolean }>;
  /** So many died at once that this one's end is not dealt with yet: who has its client id must wait. */
  isBeingCleaned(clientid: string): boolean;
  /** Forgets a session that no connection is behind, and tells nobody. */
  drop(session: Session): void;
  /** The client of this session has gone; tells so, and forgets a session that is not to be kept. */
  finish(session: Session, reason: string): Promise<void>;
  /** Runs a message past the hooks, then hands it out; resolves to the number of receivers. */
  publish(message: Message): Promise<number>;
}

/** What one MQTT connection is made of, for those who handle its packets. */
export interface Connection {
  peer: { ipAddress: string; port: number };
  protocolVersion: number;
  session: Session | null;
  will: Message | null;
  /** QoS 2 messages that are taken, and not yet released. */
  unreleased: Set<number>;
  send(packet: Packet): void;
  keepAlive(seconds: number): void;
  /** Ends it with this reason, from within. */
  close(reason: string): void;
  /** Ends it with this reason, from outside, whatever it waits for. */
  end(reason: string): Promise<void>;
  isOver(): boolean;
}
