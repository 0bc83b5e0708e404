import type { Queryable } from '../database/database.js';
import type { Presence } from './presence.js';
import { PRESENCE_COLUMNS, type PresenceRow, toPresence } from './presence-row.js';

const READ = `select ${PRESENCE_COLUMNS} from tpe_presence device where device.clientid = any($1)`;

/**
 * Reads the current presence of these gateways from the database. The result has no fixed order and leaves out client ids that
 * are not registered. Rejects as the database does.
 */
export async function readPresence(database: Queryable, clientids: readonly string[]): Promise<Presence[]> {
  return (await database.query<PresenceRow>(READ, [clientids])).map(toPresence);
}
