import type { Database } from '../../database/database.js';
import { readPresence } from '../../presence/read-presence.js';

export type Standing = 'online' | 'offline' | 'retired';

/** Resolves with how a gateway stands. Rejects with UNAVAILABLE while the database cannot be reached. */
export type GatewayStanding = (clientid: string) => Promise<Standing>;

/** Creates the function. Unless `knowsPresence` says that an offline presence can be trusted, every registered gateway counts as online. */
export function createGatewayStanding(database: Database, knowsPresence: () => boolean): GatewayStanding {
  return async (clientid) => {
    const [presence] = await readPresence(database, [clientid]);
    if (presence === undefined) return 'retired';
    return presence.status === 'online' || !knowsPresence() ? 'online' : 'offline';
  };
}
