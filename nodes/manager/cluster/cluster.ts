import type { Database } from '../database/database.js';
import { messageOf } from '../shared/tpe-error.js';
import { createBus } from './bus.js';
import { createCompany } from './company.js';
import { createHeartbeat } from './heartbeat.js';
import type { ClusterMessage } from './messages.js';

/** This manager as a member of the cluster on its database. */
export interface Cluster {
  /** Tells the other managers what was written; see ClusterMessage for `about` and `more`. */
  broadcast(kind: ClusterMessage['kind'], about: string | null, more?: string | null): void;
  /** Announces this manager to the others; resolves when that is written, and rejects as the database does. */
  start(): Promise<void>;
  /** Tells the other managers that this one has gained or lost the broker. */
  reachChanged(): void;
  /** Whether another manager reached the broker at the last heartbeat. */
  reachBroker(): boolean;
  close(): Promise<void>;
}

export interface ClusterOptions {
  database: Database;
  /** The name of this manager. */
  instance: string;
  /** Applies a message of another manager. */
  onMessage(message: ClusterMessage): Promise<void>;
  /** Takes over the work of dead managers and catches up on lost messages. */
  maintain(): Promise<void>;
  /** Whether this manager can send to gateways now. */
  reachesBroker(): boolean;
  onFault(text: string): void;
}

/** Joins the managers on a database: sends and receives messages, and calls `maintain` to take over from those that die. */
export function joinCluster({
  database,
  instance,
  onMessage,
  maintain,
  reachesBroker,
  onFault,
}: ClusterOptions): Cluster {
  const look = () =>
    maintain().catch((error) =>
      onFault(`The work of stopped device managers could not be checked: ${messageOf(error)}`),
    );
  // Whoever was not told of commands looks for what has become of its own.
  let hasListened = false;
  const company = createCompany(() => bus.broadcast('waiting', null, null));
  const bus = createBus({
    database,
    instance,
    onMessage(message) {
      company.heard();
      onMessage(message).catch((error) =>
        onFault(`A message of another device manager could not be applied: ${messageOf(error)}`),
      );
    },
    onGap() {
      if (hasListened) company.unsure();
      hasListened = true;
      void look();
    },
  });
  const heartbeat = createHeartbeat({
    ...{
      database,
      instance,
      reachesBroker,
      onBeat: look,
      onOthers: company.counted,
      onMissed: company.unsure,
      onFault,
    },
  });
  return {
    broadcast(kind, about, more = null) {
      // Each command ends with such news, for which PostgreSQL would have a statement and a commit of their own.
      if (kind !== 'command' || !company.isAlone()) bus.broadcast(kind, about, more);
    },
    async start() {
      await heartbeat.start();
      // Others that were alone learn at once that somebody listens.
      bus.broadcast('waiting', null, null);
    },
    reachChanged() {
      // The heartbeat comes before the message: it tells receivers that they may take over the commands of this manager.
      void heartbeat.now().then(() => {
        if (!reachesBroker()) bus.broadcast('waiting', null, null);
      });
    },
    reachBroker: heartbeat.othersReachBroker,
    async close() {
      await heartbeat.close();
      await bus.close();
    },
  };
}
