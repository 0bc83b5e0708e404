import type { ClientConnected, ClientDisconnected } from '../broker/events.js';
import type { Database } from '../database/database.js';
import { CHURN_WINDOW_MS, HAD_ENDED_IN_ORDER } from '../registry/churn.js';
import { connectReason, disconnectReason } from '../registry/connection-reasons.js';
import type { Presence } from './presence.js';
import { PRESENCE_COLUMNS, type PresenceRow, storedReason, toPresence } from './presence-row.js';

export type PresenceEvent = ClientConnected | ClientDisconnected;

/** What one event did to the presence of its gateway. */
export interface Applied {
  /** The new presence; null if the event changed nothing: it was stale, repeated, or of a client that is not registered. */
  change: Presence | null;
  /** The event does not prove whether the gateway is online, so the broker has to be queried. */
  isInconclusive: boolean;
}

/** The clocks of two broker nodes may differ by this much, so the order of two sessions closer together is not certain. */
const CLOCKS_DIFFER_MS = 1000;

/** SQL: a disconnect that does not name its session. It can only have ended a session that began before it. */
const ENDS_SOME_SESSION = `not event.connects and event.connected_at is null
  and event.at > coalesce(device.session_connected_at, -1)`;

/** SQL: a connect that arrives after an unnamed disconnect with a later time, which may have ended this very session. */
const MAY_HAVE_ENDED = 'event.connects and device.suspect_at > event.connected_at';

/** SQL: an event that changes nothing, of a session older than the known one, which says the opposite of the stored state. */
const CONTRADICTS = `event.connected_at < event.known_session and event.connects <> event.was_online`;

/** SQL: the session began at about the same time as the known one, on another node. */
const IS_OUT_OF_ORDER = `event.node <> event.known_node and event.connected_at <> event.known_session
  and abs(event.connected_at - event.known_session) < ${CLOCKS_DIFFER_MS}`;

/** SQL: the event falls into the current window in which connects are counted. */
const IN_WINDOW = `event.at - device.churn_since between 0 and ${CHURN_WINDOW_MS}`;

/**
 * The rule that keeps presence correct in whatever order events arrive: connected_at identifies a session, and only an event of
 * the newest known session may change the state. An event that changes nothing either is late, or the broker's clock was set back and
 * new sessions get earlier times. Only the broker can tell which.
 *
 * The statement locks rows in order of client id, so that several managers can write at once without a deadlock. No part of it joins
 * two lists of events, so that one plan fits any number of them.
 */
const APPLY = `
  with given as (
    select * from unnest($1::text[], $2::boolean[], $3::bigint[], $4::bigint[], $5::text[], $6::jsonb[], $7::text[],
      $8::text[], $9::text[], $10::integer[], $11::integer[], $12::boolean[])
      as given (clientid, connects, connected_at, at, reason, cause, source, node, ip_address, protocol_version, keepalive,
        clean_start)
  ), event as materialized (
    select given.*, device.status = 'online' as was_online, device.session_connected_at as known_session,
      device.session_node as known_node
    from given join tpe_presence device using (clientid) order by device.clientid for update of device
  ), device as (
    update tpe_presence device set
      status = case when event.connects then 'online' else 'offline' end,
      since = to_timestamp(event.at / 1000.0),
      reason = event.reason,
      cause = event.cause,
      source = event.source,
      session_connected_at = coalesce(event.connected_at, device.session_connected_at),
      session_node = coalesce(event.node, device.session_node),
      ip_address = coalesce(event.ip_address, device.ip_address),
      protocol_version = coalesce(event.protocol_version, device.protocol_version),
      keepalive = coalesce(event.keepalive, device.keepalive),
      clean_start = coalesce(event.clean_start, device.clean_start),
      suspect_at = case when ${MAY_HAVE_ENDED} then device.suspect_at end,
      suspect_reason = case when ${MAY_HAVE_ENDED} then device.suspect_reason end,
      suspect_cause = case when ${MAY_HAVE_ENDED} then device.suspect_cause end,
      churn_since = case when event.connects and (${IN_WINDOW}) is not true then event.at else device.churn_since end,
      churn_connects = (event.connects and not ${HAD_ENDED_IN_ORDER})::integer
        + case when not event.connects or ${IN_WINDOW} then device.churn_connects else 0 end,
      churn_takeovers = (event.connects and device.status = 'online')::integer
        + case when not event.connects or ${IN_WINDOW} then device.churn_takeovers else 0 end,
      previous_ip_address = case when event.connects and device.status = 'online'
        then device.ip_address else device.previous_ip_address end
    from event
    where device.clientid = event.clientid and case
      when event.connects then event.connected_at > coalesce(device.session_connected_at, -1)
      when event.connected_at is null then not $13 and device.status = 'online' and ${ENDS_SOME_SESSION}
      when event.connected_at = device.session_connected_at then device.status = 'online'
      else event.connected_at > coalesce(device.session_connected_at, -1)
    end
    returning ${PRESENCE_COLUMNS}, $13 and (device.suspect_at is not null or coalesce(${IS_OUT_OF_ORDER}, false)) as is_doubtful
  ), suspect as (
    update tpe_presence device set
      suspect_at = event.at, suspect_reason = event.reason, suspect_cause = event.cause
    from event
    where device.clientid = event.clientid and $13 and ${ENDS_SOME_SESSION}
      and event.at > coalesce(device.suspect_at, -1)
    returning device.clientid
  ), doubtful as (
    select clientid from suspect
    union all
    select clientid from event where $13 and (${CONTRADICTS} or ${IS_OUT_OF_ORDER})
  )
  select device.clientid as client, device.* from device
  union all
  select doubtful.clientid, none.* from doubtful left join device none on false`;

/** A change of presence, or (without `clientid`) an event that may have changed nothing, but raises a doubt. */
type AppliedRow = { client: string } & (
  | (PresenceRow & { is_doubtful: boolean })
  | { clientid: null; is_doubtful: null }
);

/**
 * Writes a batch of connects and disconnects, and resolves with one result per event, in the same order. `canAsk` says whether
 * the broker can be queried about a client: if so, a disconnect that does not name its session is only noted as a suspicion and
 * changes nothing yet. Rejects as the database does.
 */
export async function applyPresenceEvents(
  database: Database,
  events: readonly PresenceEvent[],
  canAsk: boolean,
): Promise<Applied[]> {
  const results: Applied[] = events.map(() => ({ change: null, isInconclusive: false }));
  for (const round of rounds(events)) {
    const parameters = parametersOf(round.map((place) => events[place]!));
    const rows = await database.queryKept<AppliedRow>(APPLY, [...parameters, canAsk]);
    const byClientid = appliedByClientid(rows);
    for (const place of round) results[place] = byClientid.get(events[place]!.clientid) ?? results[place]!;
  }
  return results;
}

/** A change says itself whether it raises a doubt. */
function appliedByClientid(rows: readonly AppliedRow[]): Map<string, Applied> {
  const found = new Map<string, Applied>();
  for (const row of rows) {
    if (row.clientid !== null)
      found.set(row.client, { change: toPresence(row), isInconclusive: row.is_doubtful });
    else if (!found.has(row.client)) found.set(row.client, { change: null, isInconclusive: true });
  }
  return found;
}

/**
 * Splits the events into rounds, each a list of indices. One update changes a row only once, so a client occurs at most once
 * per round; the rounds keep the order of each client's events.
 */
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
  const reasons = events.map((event) =>
    storedReason(event.type === 'connected' ? connectReason(event) : disconnectReason(event)),
  );
  const connects = events.map((event) => (event.type === 'connected' ? event : null));
  return [
    events.map((event) => event.clientid),
    connects.map((event) => event !== null),
    events.map((event) => event.connectedAt),
    events.map((event) => (event.type === 'connected' ? event.connectedAt : event.disconnectedAt)),
    reasons.map(([text]) => text),
    reasons.map(([, cause]) => cause),
    events.map((event) => event.source),
    events.map((event) => event.node),
    connects.map((event) => event?.ipAddress ?? null),
    connects.map((event) => event?.protocolVersion ?? null),
    connects.map((event) => event?.keepalive ?? null),
    connects.map((event) => event?.cleanStart ?? null),
  ];
}
