import type { BrokerNode } from '../broker.js';

/** A node as EMQX lists it. A stopped node has little more than its name, which EMQX 4 then calls `name`. */
export const EMQX_NODE = {
  type: 'object',
  properties: {
    node: { type: 'string', minLength: 1, maxLength: 255 },
    name: { type: 'string', minLength: 1, maxLength: 255 },
    node_status: { type: 'string' },
    version: { type: 'string', maxLength: 100 },
    uptime: {},
    live_connections: {},
  },
} as const;

export interface EmqxNode {
  node?: string;
  name?: string;
  node_status?: string;
  version?: string;
  uptime?: unknown;
  live_connections?: unknown;
}

/** Converts nodes as any version of EMQX lists them, except those without a name. The call began at `askedAt`, by `performance.now()`. */
export function toBrokerNodes(items: readonly EmqxNode[], askedAt: number): BrokerNode[] {
  const now = performance.now();
  return items.flatMap((item) => toBrokerNode(item, askedAt, now) ?? []);
}

function toBrokerNode(item: EmqxNode, askedAt: number, now: number): BrokerNode | null {
  const name = item.node ?? item.name;
  if (name === undefined) return null;
  // A node that the queried node could not reach has no status.
  const isRunning = item.node_status?.toLowerCase() === 'running';
  const uptime = isRunning ? uptimeMs(item.uptime) : null;
  const connected = isRunning && isCount(item.live_connections) ? item.live_connections : null;
  // The uptime was read at some time during the call, so the start is only known as a time span.
  const began = uptime === null ? null : { after: askedAt - uptime, before: now - uptime };
  return { name, isRunning, connected, began };
}

const UNIT_MS: Readonly<Record<string, number>> = {
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
};

/** Reads an uptime in ms: EMQX 5 gives ms, EMQX 4 `2 days, 3 hours, 4 minutes, 5 seconds`. */
function uptimeMs(uptime: unknown): number | null {
  if (isCount(uptime)) return uptime;
  if (typeof uptime !== 'string' || uptime.length > 200) return null;
  const parts = [...uptime.matchAll(/(\d{1,9}) (day|hour|minute|second)s?/g)];
  if (parts.length === 0) return null;
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNIT_MS[unit] ?? 0), 0);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
