import type { Database } from '../database/database.js';
import { connectionReason } from '../registry/connection-reasons.js';
import type { Reason } from '../shared/reason.js';
import type { Presence } from './presence.js';
import { PRESENCE_COLUMNS, type PresenceRow, storedReason, toPresence } from './presence-row.js';

const SEEN = `
  update tpe_presence device set
    status = 'online',
    since = to_timestamp($2::bigint / 1000.0),
    reason = $3,
    cause = $4::jsonb,
    source = 'mqtt'
  where device.clientid = any($1) and device.status <> 'online'
  returning ${PRESENCE_COLUMNS}`;

const UNRESPONSIVE = `
  update tpe_presence device set
    status = 'offline',
    since = to_timestamp($2::bigint / 1000.0),
    reason = $3,
    cause = $4::jsonb,
    source = 'probe'
  where device.clientid = any($1) and device.status <> 'offline'
  returning ${PRESENCE_COLUMNS}`;

/**
 * Marks gateways that sent a message as online, for brokers that do not report connections. Resolves with those that were not
 * online before. Rejects as the database does.
 */
export async function markSeen(database: Database, clientids: readonly string[]): Promise<Presence[]> {
  return await mark(database, SEEN, clientids, connectionReason('heard-from-it'));
}

/**
 * Marks gateways that did not answer a probe as offline; resolves with those that were not before. Rejects as the database does.
 */
export async function markUnresponsive(
  database: Database,
  clientids: readonly string[],
): Promise<Presence[]> {
  return await mark(database, UNRESPONSIVE, clientids, connectionReason('probe-unanswered'));
}

async function mark(
  database: Database,
  statement: string,
  clientids: readonly string[],
  reason: Reason,
): Promise<Presence[]> {
  const parameters = [clientids, Date.now(), ...storedReason(reason)];
  return (await database.query<PresenceRow>(statement, parameters)).map(toPresence);
}
