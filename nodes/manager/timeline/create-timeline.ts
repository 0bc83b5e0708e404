import type { Alarm } from '../alarms/alarm.js';
import { SEVERITIES } from '../alarms/alarm-kinds.js';
import type { Database, Queryable, Row } from '../database/database.js';
import type { Device } from '../registry/device.js';
import { badField } from '../shared/invalid-input.js';
import type { Cause } from '../shared/reason.js';
import { isStorable } from '../shared/text.js';
import { type AbsenceSources, restartsBefore } from './absence.js';
import { nextStepOf } from './next-step.js';
import { marksSql, pageSql, rankOf } from './statement.js';
import {
  MAX_TIMELINE_HOURS,
  parseTimelineQuery,
  type Timeline,
  type TimelineEntry,
  type TimelineMarks,
} from './timeline.js';
import { readTimelineCursor, writeTimelineCursor } from './timeline-cursor.js';
import { TIMELINE_KINDS, type TimelineKind } from './timeline-kinds.js';

export interface TimelineOptions {
  database: Database;
  catalogue: AbsenceSources['catalogue'];
  /** Reads a gateway, with how far its presence can be trusted; null if there is none. */
  device(clientid: string): Promise<Device | null>;
  /** The open alarms of a gateway. */
  alarms(clientid: string): Promise<readonly Alarm[]>;
}

interface EntryRow extends Row {
  kind: TimelineKind;
  ref: string;
  at: Date;
  /** The same with microseconds. */
  place_at: string;
  until: Date | null;
  state: string;
  what: string;
  changed: string[];
  who: string | null;
  job: string | null;
  reason: string | null;
  cause: Cause | null;
}

const HOUR_MS = 3_600_000;
const BEGINNING = '-infinity';
/** Behind all entries: where a first page begins. */
const END = ['infinity', TIMELINE_KINDS.length, '0'] as const;
/** The most marks of a kind. More cannot be told apart. */
const MARKS_OF_KIND = 400;

/** Creates the timeline of gateways on a migrated database. */
export function createTimeline({ database, catalogue, device, alarms }: TimelineOptions): Timeline {
  const sources = { database, catalogue };
  return {
    async list(clientid, query) {
      const { kinds = TIMELINE_KINDS, since, cursor, limit } = parseTimelineQuery(query);
      const from = since === undefined ? BEGINNING : timeOf(since);
      const after = cursor === undefined ? null : readTimelineCursor(cursor);
      if (!isStorable(clientid) || kinds.length === 0) return { items: [], next: null };
      const place = after === null ? END : [after.at, rankOf(after.kind), after.ref];
      const rows = await database.query<EntryRow>(pageSql(kinds), [clientid, ...place, from, limit + 1]);
      const shown = rows.slice(0, limit);
      const last = rows.length > limit ? shown.at(-1) : undefined;
      const next = last && writeTimelineCursor({ at: last.place_at, kind: last.kind, ref: last.ref });
      return { items: await explained(sources, clientid, shown.map(toEntry)), next: next ?? null };
    },

    async marks(clientid, hours, kinds) {
      if (!Number.isInteger(hours) || hours < 1 || hours > MAX_TIMELINE_HOURS) {
        throw badField('hours', `from 1 to ${MAX_TIMELINE_HOURS}`);
      }
      const drawn = kinds.filter((kind) => kind !== 'presence');
      if (!isStorable(clientid) || drawn.length === 0) return { marks: [], cutAt: {} };
      return await readMarks(database, clientid, drawn, new Date(Date.now() - hours * HOUR_MS));
    },

    async nextStep(clientid) {
      const found = await device(clientid);
      if (found === null) return null;
      const isAway = found.status === 'offline' && found.since !== null;
      const [[because = null], open] = await Promise.all([
        isAway ? restartsBefore(sources, clientid, [found.since!]) : [],
        alarms(clientid),
      ]);
      const ranked = [...open].sort(
        (one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity),
      );
      return { advice: nextStepOf({ device: found, alarms: ranked, because }, Date.now()), because };
    },
  };
}

function timeOf(since: string): Date {
  const time = new Date(since);
  if (Number.isNaN(time.getTime())) throw badField('since', 'a time such as 2026-11-25T10:00:00Z');
  return time;
}

/** Says of each absence what restarted the gateway before it. */
async function explained(
  sources: AbsenceSources,
  clientid: string,
  entries: TimelineEntry[],
): Promise<TimelineEntry[]> {
  const absences = entries.filter(({ kind, state }) => kind === 'presence' && state === 'offline');
  const restarts = await restartsBefore(
    sources,
    clientid,
    absences.map(({ at }) => at),
  );
  for (const [index, absence] of absences.entries()) absence.because = restarts[index] ?? null;
  return entries;
}

async function readMarks(
  database: Queryable,
  clientid: string,
  kinds: readonly TimelineKind[],
  since: Date,
): Promise<TimelineMarks> {
  const rows = await database.query<EntryRow>(marksSql(kinds), [clientid, ...END, since, MARKS_OF_KIND]);
  const marks = rows
    .map(toEntry)
    .map(({ kind, ref, at, until, state, what }) => ({ kind, ref, at, until, state, what }))
    .sort((one, other) => (one.at < other.at ? -1 : 1));
  const cutAt: TimelineMarks['cutAt'] = {};
  for (const kind of kinds) {
    const ofKind = marks.filter((mark) => mark.kind === kind);
    if (ofKind.length >= MARKS_OF_KIND) cutAt[kind] = ofKind[0]!.at;
  }
  return { marks, cutAt };
}

function toEntry({
  kind,
  ref,
  at,
  until,
  state,
  what,
  changed,
  who,
  job,
  reason,
  cause,
}: EntryRow): TimelineEntry {
  return {
    ...{ kind, ref, state, what, changed, who, job, reason, cause },
    at: at.toISOString(),
    until: until?.toISOString() ?? null,
    because: null,
  };
}
