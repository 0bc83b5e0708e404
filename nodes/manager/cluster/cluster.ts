import type { Database } from '../database/database.js';
import { messageOf } from '../shared/tpe-error.js';
import { createBus } from './bus.js';
import { createHeartbeat } from './heartbeat.js';
import type { News } from './messages.js';

/** This manager as one of several on a database. */
export interface Instances {
  /** Tells the others what was written; see News for what `about` and `more` are. */
  tell(kind: News['kind'], about: string | null, more?: string | null): void;
  /** Shows this manager to the others; resolves when it is seen. */
  start(): Promise<void>;
  /** Whether this manager reaches the broker has changed: the others are told. */
  reachChanged(): void;
  /** Whether another manager can send what this one cannot, as was seen some seconds ago. */
  reachBroker(): boolean;
  close(): Promise<void>;
}

export interface InstancesOptions {
  database: Database;
  /** The name of this manager. */
  instance: string;
  /** Does here what follows from what another manager wrote. */
  onNews(news: News): Promise<void>;
  /** Takes over what dead managers left, and looks for what was missed of the others. */
  maintain(): Promise<void>;
  /** Whether this manager can send to gateways now. */
  reachesBroker(): boolean;
  onFault(text: string): void;
}

/** Joins the managers on a database: hears what they wrote, tells them what this one wrote, and outlives them. */
export function joinInstances({
  database,
  instance,
  onNews,
  maintain,
  reachesBroker,
  onFault,
}: InstancesOptions): Instances {
  const look = () =>
    maintain().catch((error) =>
      onFault(`The work of stopped device managers could not be checked: ${messageOf(error)}`),
    );
  const bus = createBus({
    database,
    instance,
    onNews(news) {
      onNews(news).catch((error) =>
        onFault(`A message of another device manager could not be applied: ${messageOf(error)}`),
      );
    },
    onGap: () => void look(),
  });
  const heartbeat = createHeartbeat({ database, instance, reachesBroker, onBeat: look, onFault });
  return {
    tell: (kind, about, more = null) => bus.tell(kind, about, more),
    start: heartbeat.start,
    reachChanged() {
      // First the sign, then the call: who follows it finds what it may take over.
      void heartbeat.now().then(() => {
        if (!reachesBroker()) bus.tell('waiting', null, null);
      });
    },
    reachBroker: heartbeat.othersReachBroker,
    async close() {
      heartbeat.close();
      await bus.close();
    },
  };
}
