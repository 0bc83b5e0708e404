import type { Database, Row } from '../database/database.js';
import { badField } from '../shared/invalid-input.js';
import { isStorable } from '../shared/text.js';

/** A gateway came, or went. */
export interface PresenceEventRecord {
  id: string;
  clientid: string;
  /** ISO 8601 UTC. */
  at: string;
  online: boolean;
  /** For a person, as Presence has it. */
  reason: string | null;
  source: string | null;
}

/** A stretch of time in which a gateway stood in one way; ISO 8601 UTC. */
export interface PresenceSpan {
  from: string;
  to: string;
  /** `unknown`: before the first that is known of it. */
  status: 'online' | 'offline' | 'unknown';
}

/** When gateways came and went, over the last 30 days. */
export interface History {
  /** Newest first; of one gateway, or of all. `before` is the id of the last one seen. INVALID_INPUT. */
  events(query: { clientid?: string; before?: string; limit?: number }): Promise<PresenceEventRecord[]>;
  /**
   * How a gateway stood over the last `hours`, oldest first and without gaps; unknown before its last 2000 changes.
   * INVALID_INPUT.
   */
  timeline(clientid: string, hours: number): Promise<PresenceSpan[]>;
  /** How many were online at `points` moments evenly spread over the last `hours`, the last being now. INVALID_INPUT. */
  overTime(hours: number, points: number): Promise<{ at: string; online: number }[]>;
}

interface EventRow extends Row {
  id: string;
  clientid: string;
  at: Date;
  online: boolean;
  reason: string | null;
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
/** Behind all events of one moment. */
const MAX_ID = '9223372036854775807';
/** Changes of one gateway in a timeline: one that comes and goes all the time may have millions. */
const MAX_CHANGES = 2000;

const EVENTS = `
  select id::text as id, clientid, at, online, reason, source from tpe_presence_event
  where ($1::text is null or clientid = $1)
    and ($2::bigint is null or (at, id) < (select at, id from tpe_presence_event where id = $2))
  order by at desc, id desc limit $3`;

/** Of one gateway since a time, and the last one before it: as it stands, where that was so long ago that it is forgotten. */
const SINCE = `
  (select 0 as id, presence_since as at, status = 'online' as online from clientid_profile
    where clientid = $1 and status <> 'never_seen' and presence_since <= $2)
  union all
  (select id, at, online from tpe_presence_event where clientid = $1 and at <= $2 order by at desc, id desc limit 1)
  union all
  (select id, at, online from tpe_presence_event where clientid = $1 and at > $2 order by at desc, id desc limit $3)
  order by at, id`;

/** By how much that is online changed between two points: each event is a change of one gateway. */
const CHANGES = `
  select ceil(extract(epoch from (least(at, $2) - $1::timestamptz)) * 1000 / $3)::integer as place,
    sum(case when online then 1 else -1 end)::integer as change
  from piece group by 1`;
/** Behind the event of a time and an id; times are texts, since they are finer than those here. */
const BEHIND = 'where at >= $4::timestamptz and (at, id) > ($4::timestamptz, $5::bigint)';
/** A fleet has very many in a month: so many are counted, and then everything else has its turn. */
const PIECE = 5000;
const STEPS_OF_PIECE = `
  with piece as materialized (
    select at, id, online from tpe_presence_event ${BEHIND} order by at, id limit ${PIECE}
  ), step as (${CHANGES}), last as (select at, id from piece order by at desc, id desc limit 1)
  select step.place, step.change, last.at::text as last_at, last.id::text as last_id,
    (select count(*)::integer from piece) as seen
  from step cross join last`;
/** The last ones, and how many are online when all of them have happened. */
const LAST_STEPS = `
  with piece as (select at, online from tpe_presence_event ${BEHIND}), step as (${CHANGES})
  select now.online::integer as online_now, step.place, step.change
  from (select count(*) as online from clientid_profile where status = 'online') now left join step on true`;

/** The history on a migrated database. */
export function createHistory(database: Database): History {
  return {
    async events({ clientid, before, limit = 50 }) {
      if (!Number.isInteger(limit) || limit < 1 || limit > 500) throw badField('limit', 'from 1 to 500');
      if (before !== undefined && !/^\d{1,18}$/.test(before)) throw badField('before', 'the id of an event');
      if (clientid !== undefined && !isStorable(clientid)) return [];
      const rows = await database.query<EventRow>(EVENTS, [clientid ?? null, before ?? null, limit]);
      return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
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
      const to = Date.now();
      const from = to - hours * HOUR_MS;
      const stepMs = (to - from) / (points - 1);
      const changes = new Map<number | null, number>();
      const note = (steps: readonly StepRow[]) => {
        for (const { place, change } of steps) changes.set(place, (changes.get(place) ?? 0) + (change ?? 0));
      };
      const bounds = [new Date(from), new Date(to), stepMs];
      let behind: [at: string, id: string] = [new Date(from).toISOString(), MAX_ID];
      for (;;) {
        const piece = await database.query<PieceRow>(STEPS_OF_PIECE, [...bounds, ...behind]);
        note(piece);
        const [first] = piece;
        if (first !== undefined) behind = [first.last_at, first.last_id];
        if (first === undefined || first.seen < PIECE) break;
      }
      const last = await database.query<LastRow>(LAST_STEPS, [...bounds, ...behind]);
      note(last);
      const curve: { at: string; online: number }[] = [];
      let online = last[0]?.online_now ?? 0;
      // From now backwards: what happened behind a point is taken back.
      for (let place = points - 1; place >= 0; place -= 1) {
        curve.unshift({ at: new Date(from + place * stepMs).toISOString(), online: Math.max(0, online) });
        online -= changes.get(place) ?? 0;
      }
      return curve;
    },
  };
}

/** Share of the known time in which a gateway was online, 0..1; null where nothing is known. */
export function availabilityOf(spans: readonly PresenceSpan[]): number | null {
  const sum = (wanted: (status: PresenceSpan['status']) => boolean) =>
    spans
      .filter(({ status }) => wanted(status))
      .reduce((total, { from, to }) => total + Date.parse(to) - Date.parse(from), 0);
  const known = sum((status) => status !== 'unknown');
  return known === 0 ? null : sum((status) => status === 'online') / known;
}

/** Times are ms since the epoch; events are in order, the first may be from before. */
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
