import type { Queryable } from '../database/database.js';
import type { ClientConnected, ClientDisconnected } from '../events.js';
import type { Presence } from './presence.js';
import { PRESENCE_COLUMNS, type PresenceRow, toPresence } from './presence-row.js';
import { connectReason, disconnectReason } from './reason.js';

export type PresenceEvent = ClientConnected | ClientDisconnected;

/**
 * The rule that keeps presence true whatever the order of events: a session is named by its connected_at, and only
 * an event of the newest session known may change the state. Rows are locked in order of client id, so that
 * several managers can write at once without a deadlock.
 */
const APPLY = `
  with event as (
    select * from unnest($1::text[], $2::boolean[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[],
      $8::text[], $9::integer[], $10::integer[], $11::boolean[])
      as event (clientid, connects, connected_at, at, reason, source, node, ip_address, protocol_version, keepalive, clean_start)
  ), locked as (
    select clientid from clientid_profile where clientid = any($1) order by clientid for update
  )
  update clientid_profile device set
    connection_status = event.connects,
    connection_status_updated_at = event.at / 1000,
    presence_since = to_timestamp(event.at / 1000.0),
    presence_reason = event.reason,
    presence_source = event.source,
    session_connected_at = coalesce(event.connected_at, device.session_connected_at),
    session_node = coalesce(event.node, device.session_node),
    ip_address = coalesce(event.ip_address, device.ip_address),
    protocol_version = coalesce(event.protocol_version, device.protocol_version),
    keepalive = coalesce(event.keepalive, device.keepalive),
    clean_start = coalesce(event.clean_start, device.clean_start)
  from event join locked using (clientid)
  where device.clientid = event.clientid and case
    when event.connects then event.connected_at > coalesce(device.session_connected_at, -1)
    when event.connected_at is null
      then device.connection_status and event.at > coalesce(device.session_connected_at, -1)
    when event.connected_at = device.session_connected_at then device.connection_status
    else event.connected_at > coalesce(device.session_connected_at, -1)
  end
  returning ${PRESENCE_COLUMNS}`;

/**
 * Writes connects and disconnects of one batch; resolves with the presence that each event left behind, null for
 * an event that changed nothing (stale, repeated, or of a client that is not registered).
 */
export async function applyPresenceEvents(
  database: Queryable,
  events: readonly PresenceEvent[],
): Promise<(Presence | null)[]> {
  const results: (Presence | null)[] = events.map(() => null);
  for (const round of rounds(events)) {
    const rows = await database.query<PresenceRow>(APPLY, parametersOf(round.map((place) => events[place]!)));
    const byClientid = new Map(rows.map((row) => [row.clientid, toPresence(row)]));
    for (const place of round) results[place] = byClientid.get(events[place]!.clientid) ?? null;
  }
  return results;
}

/** Places of the events such that no client stands twice in a round and each client's events keep their order. */
function rounds(events: readonly PresenceEvent[]): number[][] {
  const found: number[][] = [];
  const seen = new Map<string, number>();
  for (const [place, event] of events.entries()) {
    const round = seen.get(event.clientid) ?? 0;
    seen.set(event.clientid, round + 1);
    found[round] ??= [];
    found[round].push(place);
  }
  return found;
}

function parametersOf(events: readonly PresenceEvent[]): unknown[] {
  const connects = events.map((event) => (event.type === 'connected' ? event : null));
  return [
    events.map((event) => event.clientid),
    connects.map((event) => event !== null),
    events.map((event) => event.connectedAt),
    events.map((event) => (event.type === 'connected' ? event.connectedAt : event.disconnectedAt)),
    events.map((event) => (event.type === 'connected' ? connectReason(event) : disconnectReason(event))),
    events.map((event) => event.source),
    events.map((event) => event.node),
    connects.map((event) => event?.ipAddress ?? null),
    connects.map((event) => event?.protocolVersion ?? null),
    connects.map((event) => event?.keepalive ?? null),
    connects.map((event) => event?.cleanStart ?? null),
  ];
}
