import type { ClientConnected, ClientDisconnected } from '../broker/events.js';
import { causeText } from '../database/cause-text.js';
import type { Database, Row } from '../database/database.js';
import { CHURN_WINDOW_MS, HAD_ENDED_IN_ORDER } from '../registry/churn.js';
import { connectReason, disconnectReason } from '../registry/connection-reasons.js';
import { connectWarning, MAY_WARN, WARNING_COLUMNS, type WarningRow } from '../registry/warning.js';
import type { Reason } from '../shared/reason.js';
import type { Presence } from './presence.js';

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
    returning device.clientid, $13 and (device.suspect_at is not null or coalesce(${IS_OUT_OF_ORDER}, false)) as is_doubtful,
      case when ${MAY_WARN} then (select to_json(warned) from (select ${WARNING_COLUMNS}) as warned) end as warned
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
  select clientid, true as is_change, is_doubtful, warned from device
  union all
  select clientid, false, true, null from doubtful`;

/** A change of presence, or an event that changed nothing or something, and raises a doubt. */
interface AppliedRow extends Row {
  clientid: string;
  is_change: boolean;
  is_doubtful: boolean;
  /** What a warning may be seen by; null for most gateways. */
  warned: Omit<WarningRow, 'status' | 'presence_since'> | null;
}

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
  const results: Applied[] = events.map(() => NOTHING);
  for (const round of rounds(events)) {
    const written = round.map((place) => toWritten(events[place]!));
    const rows = await database.queryKept<AppliedRow>(APPLY, [...parametersOf(written), canAsk]);
    const placeOf = new Map(written.map(({ event }, index) => [event.clientid, index]));
    for (const row of rows) {
      const index = placeOf.get(row.clientid)!;
      const place = round[index]!;
      results[place] = withRow(results[place]!, written[index]!, row);
    }
  }
  return results;
}

const NOTHING: Applied = { change: null, isInconclusive: false };

/** A change may come with a row of its own for its doubt. */
function withRow(before: Applied, written: Written, row: AppliedRow): Applied {
  return {
    change: row.is_change ? presenceAfter(written, row.warned) : before.change,
    isInconclusive: before.isInconclusive || row.is_doubtful,
  };
}

/** The presence that an event has made: all but the warning is what was written. */
function presenceAfter({ event, at, reason }: Written, warned: AppliedRow['warned']): Presence {
  const since = new Date(at);
  const status = event.type === 'connected' ? 'online' : 'offline';
  const warning =
    warned === null ? null : connectWarning({ ...warned, status, presence_since: since }, Date.now());
  return {
    clientid: event.clientid,
    status,
    since: since.toISOString(),
    reason: reason.text,
    cause: reason.cause,
    source: event.source,
    presenceAsOf: null,
    warning: warning?.text ?? null,
    warningCause: warning?.cause ?? null,
  };
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

/** An event with what is written of it. */
interface Written {
  event: PresenceEvent;
  /** ms since the epoch. */
  at: number;
  reason: Reason;
}

function toWritten(event: PresenceEvent): Written {
  return event.type === 'connected'
    ? { event, at: event.connectedAt, reason: connectReason(event) }
    : { event, at: event.disconnectedAt, reason: disconnectReason(event) };
}

function parametersOf(written: readonly Written[]): unknown[] {
  const connects = written.map(({ event }) => (event.type === 'connected' ? event : null));
  return [
    written.map(({ event }) => event.clientid),
    connects.map((event) => event !== null),
    written.map(({ event }) => event.connectedAt),
    written.map(({ at }) => at),
    written.map(({ reason }) => reason.text),
    written.map(({ reason }) => causeText(reason)),
    written.map(({ event }) => event.source),
    written.map(({ event }) => event.node),
    connects.map((event) => event?.ipAddress ?? null),
    connects.map((event) => event?.protocolVersion ?? null),
    connects.map((event) => event?.keepalive ?? null),
    connects.map((event) => event?.cleanStart ?? null),
  ];
}
