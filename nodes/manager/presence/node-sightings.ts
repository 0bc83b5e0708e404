import type { BrokerNode } from '../broker/broker.js';
import type { Database, Row } from '../database/database.js';
import type { Sightings } from './list-trust.js';

/** Which nodes of the broker run, and since when others are missed, as all the managers on a database see it. */
export interface NodeSightings {
  /** Notes what a look found, and resolves with what all looks found so far. */
  look(nodes: readonly BrokerNode[]): Promise<Sightings>;
  /** A node that was missed has sent something. */
  alive(node: string): Promise<void>;
}

/** A cluster has tens of nodes; more are names that somebody makes up. */
const MAX_NODES = 1000;
const KEPT = "interval '1 day'";

/** Several managers see the same nodes: what is so young is not written again. */
const RUNNING = `
  insert into tpe_broker_node as known (node, running_at) select distinct node, now() from unnest($1::text[]) as seen (node)
  on conflict (node) do update set running_at = excluded.running_at, missed_at = null
    where known.missed_at is not null or known.running_at not between now() - interval '5 seconds' and now()`;
const MISSED =
  'update tpe_broker_node set missed_at = now() where missed_at is null and node <> all($1::text[])';
const FORGET = `delete from tpe_broker_node where running_at < now() - ${KEPT}`;
const KNOWN = `
  select node, coalesce(extract(epoch from now() - missed_at), 0)::float8 * 1000 as missed_ms from tpe_broker_node
  where running_at > now() - ${KEPT}`;

interface SightingRow extends Row {
  node: string;
  missed_ms: number;
}

/** On a migrated database, whose clock counts. */
export function createNodeSightings(database: Database): NodeSightings {
  return {
    async look(nodes) {
      const running = nodes.filter(({ isRunning }) => isRunning).map(({ name }) => name);
      // A broker that does not report its nodes misses none.
      if (running.length === 0) return new Map();
      const names = running.slice(0, MAX_NODES);
      await database.query(RUNNING, [names]);
      await database.query(MISSED, [names]);
      await database.query(FORGET);
      const rows = await database.query<SightingRow>(KNOWN);
      return new Map(rows.map(({ node, missed_ms }) => [node, Math.max(0, missed_ms)]));
    },
    async alive(node) {
      await database.query(RUNNING, [[node]]);
    },
  };
}
