import type { Broker, BrokerClient } from '../broker/broker.js';
import type { Database } from '../database/database.js';
import type { Presence } from './presence.js';
import { PRESENCE_COLUMNS, type PresenceRow, toPresence } from './presence-row.js';

/** What a comparison with the broker's list found. */
export interface Reconciled {
  /** How many clients the broker listed as connected. */
  listed: number;
  /** What was corrected (the drift). */
  corrected: Presence[];
}

const PAGE = 1000;
/** So many are asked for one by one; for more it is cheaper to read the list once more. */
const MOST_ASKED = 100;

/**
 * Registered gateways that the broker lists as connected, but that we hold for offline or in an older session. A broker
 * that does not name the session (EMQX 4) tells at least of one newer than the last that we know to have ended.
 */
const COMES_ONLINE = `
  with listed as (
    select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[])
      as listed (clientid, connected_at, ip_address, node)
  )
  update clientid_profile device set
    connection_status = true,
    connection_status_updated_at = coalesce(listed.connected_at, $5::bigint) / 1000,
    presence_since = to_timestamp(coalesce(listed.connected_at, $5::bigint) / 1000.0),
    presence_reason = 'the broker lists it as connected',
    presence_source = 'reconcile',
    session_connected_at = coalesce(listed.connected_at, device.session_connected_at + 1),
    session_node = coalesce(listed.node, device.session_node),
    ip_address = coalesce(listed.ip_address, device.ip_address)
  from listed
  where device.clientid = listed.clientid
    and (device.connection_status is not true or listed.connected_at > device.session_connected_at)
    and coalesce(device.presence_since, '-infinity') < to_timestamp($5::bigint / 1000.0)
  returning ${PRESENCE_COLUMNS}`;

/** The broker has its session still: the disconnect that did not say which was of another one. */
const IS_CLEARED = `
  update clientid_profile set suspect_at = null, suspect_reason = null
  where clientid = any($1) and suspect_at < $2::bigint`;

/** Gateways that we hold for online since before the run, while the list of the broker does not have them. */
const IS_MISSING = `
  select device.clientid from clientid_profile device
  where device.status = 'online'
    and coalesce(device.presence_since, '-infinity') < to_timestamp($2::bigint / 1000.0)
    and not exists (select from unnest($1::text[]) as connected (clientid) where connected.clientid = device.clientid)`;

const GOES_OFFLINE = `
  update clientid_profile device set
    connection_status = false,
    connection_status_updated_at = coalesce(device.suspect_at, $2::bigint) / 1000,
    presence_since = to_timestamp(coalesce(device.suspect_at, $2::bigint) / 1000.0),
    presence_reason = coalesce(device.suspect_reason, 'the broker has no such client'),
    presence_source = case when device.suspect_at is null then 'reconcile' else device.presence_source end,
    suspect_at = null,
    suspect_reason = null
  where device.clientid = any($1) and device.status = 'online'
    and coalesce(device.presence_since, '-infinity') < to_timestamp($2::bigint / 1000.0)
  returning ${PRESENCE_COLUMNS}`;

/**
 * Compares what we hold with the broker's own list and writes only the differences. What changed after the run
 * began is left alone, since its event is newer than the list. A list that changes while it is paged may lack
 * clients that are there: who is missing is asked for once more. Rejects with UNAVAILABLE where the broker cannot tell.
 */
export async function reconcile(database: Database, broker: Broker): Promise<Reconciled> {
  const startedAt = Date.now();
  const corrected: Presence[] = [];
  const connected: string[] = [];
  for await (const clients of connectedClients(broker)) {
    connected.push(...clients.map((client) => client.clientid));
    corrected.push(...(await comeOnline(database, clients, startedAt)));
  }
  const rows = await database.query<{ clientid: string }>(IS_MISSING, [connected, startedAt]);
  const gone = await stillMissing(
    broker,
    rows.map((row) => row.clientid),
  );
  corrected.push(...(await goOffline(database, gone, startedAt)));
  return { listed: connected.length, corrected };
}

/** The same for one client. Resolves with what was corrected. */
export async function reconcileOne(
  database: Database,
  broker: Broker,
  clientid: string,
): Promise<Presence[]> {
  const startedAt = Date.now();
  const client = await broker.getClient(clientid);
  if (client?.connected) return await comeOnline(database, [client], startedAt);
  return await goOffline(database, [clientid], startedAt);
}

async function* connectedClients(broker: Broker): AsyncGenerator<BrokerClient[]> {
  let cursor: string | null = null;
  do {
    const page = await broker.listClients(PAGE, cursor);
    yield page.clients.filter((client) => client.connected);
    cursor = page.next;
  } while (cursor !== null);
}

async function stillMissing(broker: Broker, clientids: readonly string[]): Promise<string[]> {
  const missing = new Set(clientids);
  if (missing.size > MOST_ASKED) {
    for await (const clients of connectedClients(broker)) {
      for (const { clientid } of clients) missing.delete(clientid);
    }
    return [...missing];
  }
  await Promise.all(
    clientids.map(async (clientid) => {
      const client = await broker.getClient(clientid);
      if (client?.connected) missing.delete(clientid);
    }),
  );
  return [...missing];
}

async function comeOnline(
  database: Database,
  clients: BrokerClient[],
  startedAt: number,
): Promise<Presence[]> {
  if (clients.length === 0) return [];
  const clientids = clients.map((client) => client.clientid);
  const rows = await database.query<PresenceRow>(COMES_ONLINE, [
    clientids,
    clients.map((client) => client.connectedAt),
    clients.map((client) => client.ipAddress),
    clients.map((client) => client.node),
    startedAt,
  ]);
  await database.query(IS_CLEARED, [clientids, startedAt]);
  return rows.map(toPresence);
}

async function goOffline(
  database: Database,
  clientids: readonly string[],
  startedAt: number,
): Promise<Presence[]> {
  if (clientids.length === 0) return [];
  return (await database.query<PresenceRow>(GOES_OFFLINE, [clientids, startedAt])).map(toPresence);
}
