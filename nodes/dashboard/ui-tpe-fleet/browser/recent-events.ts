import type { PresenceEventRecord } from '../../../manager/presence/history.js';

/** The last change of a gateway, and how many of the recent ones are its own. */
export interface RecentEvent {
  last: PresenceEventRecord;
  times: number;
}

/** One line for each gateway, the newest first: one that comes and goes does not push out the others. */
export function byGateway(events: readonly PresenceEventRecord[]): RecentEvent[] {
  const lines = new Map<string, RecentEvent>();
  for (const event of events) {
    const known = lines.get(event.clientid);
    if (known === undefined) lines.set(event.clientid, { last: event, times: 1 });
    else known.times += 1;
  }
  return [...lines.values()];
}
