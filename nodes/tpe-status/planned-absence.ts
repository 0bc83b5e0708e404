import type { Guard } from '../manager/guard/guard.js';

const PAGE = 500;

/**
 * The gateways that a job, a command or a person disturbs now: those that hold a slot of the guard, apart from those that are stuck. Rejects
 * with UNAVAILABLE.
 */
export async function disturbedNow(guard: Guard): Promise<Set<string>> {
  const disturbed = new Set<string>();
  let before: string | undefined;
  do {
    const { items, next } = await guard.holds({ limit: PAGE, ...(before !== undefined && { before }) });
    for (const { clientid, stuckSince } of items) if (stuckSince === null) disturbed.add(clientid);
    before = next ?? undefined;
  } while (before !== undefined);
  return disturbed;
}
