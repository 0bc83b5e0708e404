import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker } from '../../nodes/manager/broker/broker.js';
import { createEmqxBroker } from '../../nodes/manager/broker/emqx/emqx-broker.js';
import { createSchedule } from '../../nodes/manager/cluster/recurring-tasks.js';
import type { Database } from '../../nodes/manager/database/database.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import type { DatabaseOptions } from '../../nodes/manager/database/options.js';
import { createPresenceKeeper, type PresenceKeeper } from '../../nodes/manager/presence/presence-keeper.js';
import { DEFAULT_TOPICS, makeTopics } from '../../nodes/manager/protocol/topics.js';
import { createRegistry } from '../../nodes/manager/registry/create-registry.js';
import type { Registry } from '../../nodes/manager/registry/registry.js';
import { type EmqxCluster, startCluster } from './emqx/cluster.js';
import type { EmqxVersion } from './emqx/versions.js';

export const KEY = { apiKey: 'key-1', apiSecret: 'secret-1' };

/** What keeps presence in one manager, beside the broker that it asks. */
export interface KeeperAt {
  keeper: PresenceKeeper;
  broker: Broker;
  faults: string[];
}

/** Several managers' keepers on one database beside a cluster of EMQX, whose webhooks are lost. */
export interface ClusterSite {
  cluster: EmqxCluster;
  database: Database;
  registry: Registry;
  /** One more, that asks the nodes at these addresses. */
  keep(apiUrl: string): Promise<KeeperAt>;
  /** Registers gateways and connects them to a node, without telling anybody. */
  connect(node: number, clientids: readonly string[]): Promise<void>;
  online(): Promise<string[]>;
  /** Resolves when exactly these are online. */
  untilOnline(clientids: readonly string[]): Promise<void>;
  /** As if so many minutes had passed since a node was first missed. */
  pass(minutes: number): Promise<void>;
  close(): Promise<void>;
}

export async function openClusterSite(
  size: number,
  version: EmqxVersion,
  options: DatabaseOptions,
): Promise<ClusterSite> {
  const cluster = await startCluster(size, { version, ...KEY });
  const database = await openDatabase(options);
  const registry = createRegistry(database);
  const kept: KeeperAt[] = [];
  const registered = new Set<string>();
  const silent = { info: () => undefined, warn: () => undefined };

  async function online(): Promise<string[]> {
    const found: string[] = [];
    for await (const { clientid } of registry.each({ status: 'online' })) found.push(clientid);
    return found.sort();
  }

  return {
    cluster,
    database,
    registry,
    async keep(apiUrl) {
      const faults: string[] = [];
      const topics = makeTopics(DEFAULT_TOPICS);
      const broker = createEmqxBroker({ apiUrl, ...KEY, events: 'webhook' }, { topics, log: silent });
      const keeper = createPresenceKeeper({
        database,
        broker,
        schedule: createSchedule(database, `manager-${kept.length + 1}`),
        each: registry.each,
        ask: () => Promise.reject(new Error('nobody is probed here')),
        onChange: () => undefined,
        onChecked: () => undefined,
        onFault: (text) => void faults.push(text),
        onWritten: () => undefined,
      });
      await broker.open(async () => undefined);
      const one = { keeper, broker, faults };
      kept.push(one);
      return one;
    },
    async connect(node, clientids) {
      for (const clientid of clientids) {
        if (!registered.has(clientid)) await registry.register({ clientid });
        registered.add(clientid);
      }
      await cluster.nodes[node]!.emqx.addClients(clientids, { isSilent: true });
    },
    online,
    async untilOnline(clientids) {
      const wanted = JSON.stringify([...clientids].sort());
      // What a comparison finds, nobody else tells: it is looked at again.
      while (JSON.stringify(await online()) !== wanted) await sleep(50);
    },
    async pass(minutes) {
      await database.query(
        'update tpe_broker_node set missed_at = missed_at - make_interval(mins => $1::integer)',
        [minutes],
      );
      // Gateways that came long ago: what is as young as this moment is never taken offline.
      await database.query("update tpe_presence set since = since - interval '1 minute'");
    },
    async close() {
      for (const { keeper, broker } of kept) {
        await broker.close();
        await keeper.close();
      }
      await database.close();
      await cluster.stop();
    },
  };
}

/** Client ids of gateways. */
export function fleetOf(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index + 1).padStart(3, '0')}`);
}
