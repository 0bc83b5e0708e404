import type { Broker, BrokerClient } from '../broker/broker.js';
import type { Database } from '../database/database.js';
import type { Presence } from './presence.js';
import { PRESENCE_COLUMNS, type PresenceRow, toPresence } from './presence-row.js';

const PAGE = 1000;

/** Registered gateways that the broker lists as connected, but that we hold for offline or in another session. */
const COMES_ONLINE = `
  with listed as (
    select * from unnest($1::text[], $2::bigint[], $3::text[]) as listed (clientid, connected_at, ip_address)
  )
  update clientid_profile device set
    connection_status = true,
    connection_status_updated_at = coalesce(listed.connected_at, $4::bigint) / 1000,
    presence_since = to_timestamp(coalesce(listed.connected_at, $4::bigint) / 1000.0),
    presence_reason = 'the broker lists it as connected',
    presence_source = 'reconcile',
    session_connected_at = coalesce(listed.connected_at, device.session_connected_at),
    ip_address = coalesce(listed.ip_address, device.ip_address)
  from listed
  where device.clientid = listed.clientid
    and (device.connection_status is not true or device.session_connected_at <> listed.connected_at)
    and coalesce(device.presence_since, '-infinity') < to_timestamp($4::bigint / 1000.0)
  returning ${PRESENCE_COLUMNS}`;

/** Gateways that we hold for online, while the whole list of the broker does not have them. */
const GOES_OFFLINE = `
  update clientid_profile device set
    connection_status = false,
    connection_status_updated_at = $2::bigint / 1000,
    presence_since = to_timestamp($2::bigint / 1000.0),
    presence_reason = 'the broker has no such client',
    presence_source = 'reconcile'
  where device.status = 'online'
    and coalesce(device.presence_since, '-infinity') < to_timestamp($2::bigint / 1000.0)
    and not exists (select from unnest($1::text[]) as connected (clientid) where connected.clientid = device.clientid)
  returning ${PRESENCE_COLUMNS}`;

/**
 * Compares what we hold with the broker's own list and writes only the differences. What changed after the run
 * began is left alone, since its event is newer than the list. Resolves with what was corrected (the drift);
 * rejects with UNAVAILABLE where the broker cannot list its clients.
 */
export async function reconcile(database: Database, broker: Broker): Promise<Presence[]> {
  const startedAt = Date.now();
  const corrected: Presence[] = [];
  const connected: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await broker.listClients(PAGE, cursor);
    const clients = page.clients.filter((client) => client.connected);
    connected.push(...clients.map((client) => client.clientid));
    corrected.push(...(await comeOnline(database, clients, startedAt)));
    cursor = page.next;
  } while (cursor !== null);
  const gone = await database.query<PresenceRow>(GOES_OFFLINE, [connected, startedAt]);
  return [...corrected, ...gone.map(toPresence)];
}

async function comeOnline(
  database: Database,
  clients: BrokerClient[],
  startedAt: number,
): Promise<Presence[]> {
  if (clients.length === 0) return [];
  const rows = await database.query<PresenceRow>(COMES_ONLINE, [
    clients.map((client) => client.clientid),
    clients.map((client) => client.connectedAt),
    clients.map((client) => client.ipAddress),
    startedAt,
  ]);
  return rows.map(toPresence);
}
