import type { BrokerNode } from '../broker/broker.js';
import type { Database, Row } from '../database/database.js';
import type { Sightings } from './list-trust.js';

/** Which nodes of the broker run and for how long others have been missed, as seen by all managers on the database together. */
export interface NodeSightings {
  /**
   * Stores the nodes that this manager sees now, and resolves with what all managers have seen. Resolves with an empty map where
   * the broker reports no running node. Rejects as the database does.
   */
  look(nodes: readonly BrokerNode[]): Promise<Sightings>;
  /** Notes that a missed node has sent an event, so it runs. Rejects as the database does. */
  alive(node: string): Promise<void>;
}

/** A cluster has tens of nodes; a longer list is not genuine and must not fill the table. */
const MAX_NODES = 1000;
const KEPT = "interval '1 day'";

/** Several managers report the same nodes, so a row younger than 5 seconds is not written again. */
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

/** Creates the sightings on a migrated database. All times come from the clock of the database, since managers' clocks differ. */
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
