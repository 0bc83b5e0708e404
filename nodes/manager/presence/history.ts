import type { Database, Row } from '../database/database.js';
import { hasStatus } from '../registry/presence-status.js';
import { badField } from '../shared/invalid-input.js';
import { createPieceSize } from '../shared/piece-size.js';
import type { Cause } from '../shared/reason.js';
import { shareByInput } from '../shared/shared-reading.js';
import { isStorable } from '../shared/text.js';

/** One change of a gateway between online and offline. */
export interface PresenceEventRecord {
  id: string;
  clientid: string;
  /** ISO 8601 UTC. */
  at: string;
  online: boolean;
  /** For a person, as in Presence. */
  reason: string | null;
  cause: Cause | null;
  source: string | null;
}

/** A period in which a gateway had one status. */
export interface PresenceSpan {
  /** ISO 8601 UTC, as `to`. */
  from: string;
  to: string;
  /** `unknown`: before the first known change of the gateway. */
  status: 'online' | 'offline' | 'unknown';
}

/** When gateways went online and offline, over the last 30 days. */
export interface History {
  /**
   * The changes of one gateway, or of all, newest first. To get the next page, pass the id of the last record of this page as
   * `before`. `limit` is 1 to 500, 50 by default. Rejects with INVALID_INPUT.
   */
  events(query: { clientid?: string; before?: string; limit?: number }): Promise<PresenceEventRecord[]>;
  /**
   * The status of a gateway over the last `hours` (1 to 720), as spans from oldest to newest without gaps. Of a gateway with
   * more than 2000 changes, the time before the last 2000 is unknown. Rejects with INVALID_INPUT.
   */
  timeline(clientid: string, hours: number): Promise<PresenceSpan[]>;
  /**
   * How many gateways were online at `points` (2 to 200) evenly spaced times over the last `hours` (1 to 720), oldest first;
   * the last time is now. Rejects with INVALID_INPUT.
   */
  overTime(hours: number, points: number): Promise<{ at: string; online: number }[]>;
}

interface EventRow extends Row {
  id: string;
  clientid: string;
  at: Date;
  online: boolean;
  reason: string | null;
  cause: Cause | null;
  source: string | null;
}
interface StepRow extends Row {
  place: number | null;
  change: number | null;
}
interface PieceRow extends StepRow {
  last_at: string;
  last_id: string;
  seen: number;
}
interface LastRow extends StepRow {
  online_now: number;
}

const HOUR_MS = 3_600_000;
const MAX_HOURS = 720;
/** The largest bigint: as an id it sorts after all events of the same time. */
const MAX_ID = '9223372036854775807';
/** The most changes in one timeline: a gateway that reconnects all the time may have millions. */
const MAX_CHANGES = 2000;

const EVENTS = `
  select id::text as id, clientid, at, online, reason, cause, source from tpe_presence_event
  where ($1::text is null or clientid = $1)
    and ($2::bigint is null or (at, id) < (select at, id from tpe_presence_event where id = $2))
  order by at desc, id desc limit $3`;

/**
 * The events of one gateway since $2, and its status at $2: by the last event before, or, where retention has deleted that
 * event, by its current status, if that began before $2.
 */
const SINCE = `
  (select 0 as id, since as at, status = 'online' as online from tpe_presence
    where clientid = $1 and status <> 'never_seen' and since <= $2)
  union all
  (select id, at, online from tpe_presence_event where clientid = $1 and at <= $2 order by at desc, id desc limit 1)
  union all
  (select id, at, online from tpe_presence_event where clientid = $1 and at > $2 order by at desc, id desc limit $3)
  order by at, id`;

/** How much the number of online gateways changed between two points. Each event is a change of one gateway. */
const CHANGES = `
  select ceil(extract(epoch from (least(at, $2) - $1::timestamptz)) * 1000 / $3)::integer as place,
    sum(case when online then 1 else -1 end)::integer as change
  from piece group by 1`;
/** After the event with this time and id. The time is passed as text, since PostgreSQL's times are finer than a Date. */
const BEHIND = 'where at >= $4::timestamptz and (at, id) > ($4::timestamptz, $5::bigint)';
/** How many events one statement counts. A fleet has very many in a month, and other queries must get their turn in between. */
const PIECES = { first: 1000, least: 500, most: 5000 };
const STEPS_OF_PIECE = `
  with piece as materialized (
    select at, id, online from tpe_presence_event ${BEHIND} order by at, id limit $6
  ), step as (${CHANGES}), last as (select at, id from piece order by at desc, id desc limit 1)
  select step.place, step.change, last.at::text as last_at, last.id::text as last_id,
    (select count(*)::integer from piece) as seen
  from step cross join last`;
/** Counts the remaining events and, in the same statement, the gateways that are online after all of them. */
const LAST_STEPS = `
  with piece as (select at, online from tpe_presence_event ${BEHIND}), step as (${CHANGES})
  select now.online::integer as online_now, step.place, step.change
  from (select count(*) as online from tpe_presence where ${hasStatus('online')}) now left join step on true`;

/** Creates the history on a migrated database. Its functions also reject as the database does. */
export function createHistory(database: Database): History {
  const curveOf = shareByInput((hours: number, points: number) => readCurve(database, hours, points));
  const newest = shareByInput((limit: number) => readEvents(database, [null, null, limit]));

  return {
    async events({ clientid, before, limit = 50 }) {
      if (!Number.isInteger(limit) || limit < 1 || limit > 500) throw badField('limit', 'from 1 to 500');
      if (before !== undefined && !/^\d{1,18}$/.test(before)) throw badField('before', 'the id of an event');
      if (clientid !== undefined && !isStorable(clientid)) return [];
      if (clientid === undefined && before === undefined) return await newest(limit);
      return await readEvents(database, [clientid ?? null, before ?? null, limit]);
    },

    async timeline(clientid, hours) {
      checkHours(hours);
      const to = Date.now();
      const from = to - hours * HOUR_MS;
      if (!isStorable(clientid)) return spansOf([], from, to);
      const events = await database.query<EventRow>(SINCE, [clientid, new Date(from), MAX_CHANGES + 1]);
      const within = events.filter(({ at }) => at.getTime() > from);
      return spansOf(within.length > MAX_CHANGES ? within.slice(-MAX_CHANGES) : events, from, to);
    },

    async overTime(hours, points) {
      checkHours(hours);
      if (!Number.isInteger(points) || points < 2 || points > 200) throw badField('points', 'from 2 to 200');
      return await curveOf(hours, points);
    },
  };
}

async function readEvents(
  database: Pick<Database, 'query'>,
  parameters: readonly unknown[],
): Promise<PresenceEventRecord[]> {
  const rows = await database.query<EventRow>(EVENTS, parameters);
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

type Curve = Awaited<ReturnType<History['overTime']>>;

async function readCurve(database: Pick<Database, 'query'>, hours: number, points: number): Promise<Curve> {
  const to = Date.now();
  const from = to - hours * HOUR_MS;
  const stepMs = (to - from) / (points - 1);
  const changes = new Map<number | null, number>();
  const note = (steps: readonly StepRow[]) => {
    for (const { place, change } of steps) changes.set(place, (changes.get(place) ?? 0) + (change ?? 0));
  };
  const bounds = [new Date(from), new Date(to), stepMs];
  let behind: [at: string, id: string] = [new Date(from).toISOString(), MAX_ID];
  const pieces = createPieceSize(PIECES);
  for (;;) {
    const limit = pieces.now();
    const read = () => database.query<PieceRow>(STEPS_OF_PIECE, [...bounds, ...behind, limit]);
    const piece = await pieces.timed(limit, read);
    note(piece);
    const [first] = piece;
    if (first !== undefined) behind = [first.last_at, first.last_id];
    if (first === undefined || first.seen < limit) break;
  }
  const last = await database.query<LastRow>(LAST_STEPS, [...bounds, ...behind]);
  note(last);
  const curve: Curve = [];
  let online = last[0]?.online_now ?? 0;
  // Only the number of now is known, so go backwards in time and undo the changes after each point.
  for (let place = points - 1; place >= 0; place -= 1) {
    curve.unshift({ at: new Date(from + place * stepMs).toISOString(), online: Math.max(0, online) });
    online -= changes.get(place) ?? 0;
  }
  return curve;
}

/** The share of the known time in which the gateway was online, 0..1; null if the status is unknown for all of it. */
export function availabilityOf(spans: readonly PresenceSpan[]): number | null {
  const sum = (wanted: (status: PresenceSpan['status']) => boolean) =>
    spans
      .filter(({ status }) => wanted(status))
      .reduce((total, { from, to }) => total + Date.parse(to) - Date.parse(from), 0);
  const known = sum((status) => status !== 'unknown');
  return known === 0 ? null : sum((status) => status === 'online') / known;
}

/** Turns events, oldest first, into spans from `from` to `to` (ms since the epoch). The first event may lie before `from`. */
function spansOf(
  events: readonly Pick<EventRow, 'at' | 'online'>[],
  from: number,
  to: number,
): PresenceSpan[] {
  const spans: PresenceSpan[] = [];
  let status: PresenceSpan['status'] = 'unknown';
  let since = from;
  const end = (until: number) => {
    if (until <= since) return;
    const last = spans.at(-1);
    const ends = new Date(until).toISOString();
    if (last?.status === status) last.to = ends;
    else spans.push({ from: new Date(since).toISOString(), to: ends, status });
    since = until;
  };
  for (const { at, online } of events) {
    end(Math.min(at.getTime(), to));
    status = online ? 'online' : 'offline';
  }
  end(to);
  return spans;
}

function checkHours(hours: number): void {
  if (!Number.isInteger(hours) || hours < 1 || hours > MAX_HOURS)
    throw badField('hours', `from 1 to ${MAX_HOURS}`);
}
