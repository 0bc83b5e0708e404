import type { EventSource } from '../broker/events.js';
import type { Database } from '../database/database.js';
import { connectionReason } from '../registry/connection-reasons.js';
import type { Reason } from '../shared/reason.js';
import type { Presence } from './presence.js';
import { PRESENCE_COLUMNS, type PresenceRow, storedReason, toPresence } from './presence-row.js';

const MARK = `
  update tpe_presence device set
    status = $2,
    since = to_timestamp($3::bigint / 1000.0),
    reason = $4,
    cause = $5::jsonb,
    source = $6
  where device.clientid = any($1) and device.status <> $2
  returning ${PRESENCE_COLUMNS}`;

/** What a mark says of gateways. */
interface Mark {
  status: 'online' | 'offline';
  reason: Reason;
  source: EventSource;
}

const HEARD: Mark = { status: 'online', reason: connectionReason('heard-from-it'), source: 'mqtt' };
const SILENT: Mark = { status: 'offline', reason: connectionReason('probe-unanswered'), source: 'probe' };

/**
 * Marks gateways that sent a message as online, for brokers that do not report connections. Resolves with those that were not
 * online before. Rejects as the database does.
 */
export async function markSeen(database: Database, clientids: readonly string[]): Promise<Presence[]> {
  return await mark(database, clientids, HEARD);
}

/**
 * Marks gateways that did not answer a probe as offline; resolves with those that were not before. Rejects as the database does.
 */
export async function markUnresponsive(
  database: Database,
  clientids: readonly string[],
): Promise<Presence[]> {
  return await mark(database, clientids, SILENT);
}

async function mark(
  database: Database,
  clientids: readonly string[],
  { status, reason, source }: Mark,
): Promise<Presence[]> {
  const parameters = [clientids, status, Date.now(), ...storedReason(reason), source];
  return (await database.query<PresenceRow>(MARK, parameters)).map(toPresence);
}
