import type { BrokerNode } from '../broker/broker.js';
import type { Database, Row } from '../database/database.js';
import { HOLD_MS, type Sightings } from './list-trust.js';

/** When the nodes of the broker were last seen running, by any of the managers on a database. */
export interface NodeSightings {
  /** Notes the nodes that run. */
  note(nodes: readonly BrokerNode[]): Promise<void>;
  /** Those of the last HOLD_MS. */
  recent(): Promise<Sightings>;
}

/** Several managers see the same nodes: a sighting so young is not written again, s. */
const YOUNG_S = 5;
/** A cluster has tens of nodes; more are names that somebody makes up. */
const MOST_NODES = 1000;

const NOTE = `
  insert into tpe_broker_node as known (node, running_at) select distinct node, now() from unnest($1::text[]) as seen (node)
  on conflict (node) do update set running_at = excluded.running_at
    where known.running_at not between now() - make_interval(secs => ${YOUNG_S}) and now()`;
const FORGET = "delete from tpe_broker_node where running_at < now() - interval '1 day'";

const RECENT = `
  select node, extract(epoch from now() - running_at)::float8 * 1000 as age_ms from tpe_broker_node
  where running_at > now() - make_interval(secs => $1::bigint / 1000.0)`;

interface SightingRow extends Row {
  node: string;
  age_ms: number;
}

/** On a migrated database, whose clock counts. */
export function createNodeSightings(database: Database): NodeSightings {
  return {
    async note(nodes) {
      const running = nodes.filter(({ isRunning }) => isRunning).map(({ name }) => name);
      if (running.length === 0) return;
      await database.query(NOTE, [running.slice(0, MOST_NODES)]);
      await database.query(FORGET);
    },
    async recent() {
      const rows = await database.query<SightingRow>(RECENT, [HOLD_MS]);
      return new Map(rows.map(({ node, age_ms }) => [node, Math.max(0, age_ms)]));
    },
  };
}
