import type { Database } from '../../database/database.js';
import { readPresence } from '../../presence/read-presence.js';

export type Standing = 'online' | 'offline' | 'retired';

/** How a gateway stands; UNAVAILABLE while the database cannot be reached. */
export type GatewayStanding = (clientid: string) => Promise<Standing>;

/** `knowsPresence`: whether presence can be trusted to tell that a gateway is offline. */
export function createGatewayStanding(database: Database, knowsPresence: () => boolean): GatewayStanding {
  return async (clientid) => {
    const [presence] = await readPresence(database, [clientid]);
    if (presence === undefined) return 'retired';
    return presence.status === 'online' || !knowsPresence() ? 'online' : 'offline';
  };
}
