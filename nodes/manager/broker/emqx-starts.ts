/** A node of EMQX, and when it began, ms since the epoch by our clock. */
export interface NodeStart {
  node: string;
  at: number;
}

const UNITS_MS: Record<string, number> = { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1000 };

/** What `/nodes` (EMQX 5 and 6) and `/brokers` (EMQX 4) tell of the nodes' age; nodes that tell none are left out. */
export function startsOf(nodes: readonly unknown[], now = Date.now()): NodeStart[] {
  return nodes.flatMap((item) => {
    if (typeof item !== 'object' || item === null) return [];
    const { node, uptime } = item as { node?: unknown; uptime?: unknown };
    const age = ageOf(uptime);
    return typeof node === 'string' && age !== null ? [{ node, at: now - age }] : [];
  });
}

/** ms in EMQX 5 and 6, `1 minutes, 48 seconds` in EMQX 4. */
function ageOf(uptime: unknown): number | null {
  if (typeof uptime === 'number') return Number.isFinite(uptime) && uptime >= 0 ? uptime : null;
  if (typeof uptime !== 'string' || uptime.length > 200) return null;
  const parts = [...uptime.matchAll(/(\d+) (day|hour|minute|second)s?/g)];
  if (parts.length === 0) return null;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS_MS[unit!]!, 0);
}

/** Two looks at one start are never quite the same. */
const SAME_START_MS = 5000;

/** Finds out which of the nodes began since the last look; at the first look all of them did. */
export function createStartWatch(onStart: (at: number) => void): (starts: readonly NodeStart[]) => void {
  const known = new Map<string, number>();
  return (starts) => {
    for (const { node, at } of starts) {
      const before = known.get(node);
      if (before !== undefined && Math.abs(at - before) <= SAME_START_MS) continue;
      known.set(node, at);
      onStart(at);
    }
  };
}
