import type { Database } from '../database/database.js';
import type { Presence } from './presence.js';
import { PRESENCE_COLUMNS, type PresenceRow, toPresence } from './presence-row.js';

const HEARD = `
  update clientid_profile device set
    connection_status = true,
    connection_status_updated_at = $2::bigint / 1000,
    presence_since = to_timestamp($2::bigint / 1000.0),
    presence_reason = 'heard from it',
    presence_source = 'mqtt'
  where device.clientid = any($1) and device.status <> 'online'
  returning ${PRESENCE_COLUMNS}`;

const SILENT = `
  update clientid_profile device set
    connection_status = false,
    connection_status_updated_at = $2::bigint / 1000,
    presence_since = to_timestamp($2::bigint / 1000.0),
    presence_reason = 'no answer to a probe',
    presence_source = 'probe'
  where device.clientid = any($1) and device.status <> 'offline'
  returning ${PRESENCE_COLUMNS}`;

/** A broker that does not tell who is connected: a gateway that speaks is online. Resolves with what changed. */
export async function markHeard(database: Database, clientids: readonly string[]): Promise<Presence[]> {
  return (await database.query<PresenceRow>(HEARD, [clientids, Date.now()])).map(toPresence);
}

/** And one that does not answer when asked is offline. Resolves with what changed. */
export async function markSilent(database: Database, clientids: readonly string[]): Promise<Presence[]> {
  return (await database.query<PresenceRow>(SILENT, [clientids, Date.now()])).map(toPresence);
}
