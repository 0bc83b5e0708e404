import type { Database } from '../database/database.js';
import type { Presence } from './presence.js';
import { PRESENCE_COLUMNS, type PresenceRow, toPresence } from './presence-row.js';

const SEEN = `
  update clientid_profile device set
    connection_status = true,
    connection_status_updated_at = $2::bigint / 1000,
    presence_since = to_timestamp($2::bigint / 1000.0),
    presence_reason = 'heard from it',
    presence_source = 'mqtt'
  where device.clientid = any($1) and device.status <> 'online'
  returning ${PRESENCE_COLUMNS}`;

const UNRESPONSIVE = `
  update clientid_profile device set
    connection_status = false,
    connection_status_updated_at = $2::bigint / 1000,
    presence_since = to_timestamp($2::bigint / 1000.0),
    presence_reason = 'no answer to a probe',
    presence_source = 'probe'
  where device.clientid = any($1) and device.status <> 'offline'
  returning ${PRESENCE_COLUMNS}`;

/**
 * Marks gateways that sent a message as online, for brokers that do not report connections. Resolves with those that were not
 * online before. Rejects as the database does.
 */
export async function markSeen(database: Database, clientids: readonly string[]): Promise<Presence[]> {
  return (await database.query<PresenceRow>(SEEN, [clientids, Date.now()])).map(toPresence);
}

/**
 * Marks gateways that did not answer a probe as offline; resolves with those that were not before. Rejects as the database does.
 */
export async function markUnresponsive(
  database: Database,
  clientids: readonly string[],
): Promise<Presence[]> {
  return (await database.query<PresenceRow>(UNRESPONSIVE, [clientids, Date.now()])).map(toPresence);
}
