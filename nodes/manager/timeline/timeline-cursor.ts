import { TpeError } from '../shared/tpe-error.js';
import { TIMELINE_KINDS, type TimelineKind } from './timeline-kinds.js';

/** The place of an entry in a timeline: entries of one time are in the order of their kinds, and those of one kind in that of their ids. */
export interface TimelinePlace {
  /** ISO 8601 UTC, with the microseconds of PostgreSQL. */
  at: string;
  kind: TimelineKind;
  ref: string;
}

const FORM = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([a-z]+) (\d{1,18})$/;

/** Writes a place as a cursor, which callers need not understand. */
export function writeTimelineCursor({ at, kind, ref }: TimelinePlace): string {
  return Buffer.from(`${at} ${kind} ${ref}`).toString('base64url');
}

/** Reads a cursor. Throws INVALID_INPUT for anything else. */
export function readTimelineCursor(cursor: string): TimelinePlace {
  const [, at = '', kind = '', ref = ''] = FORM.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  if (isKind(kind) && !Number.isNaN(Date.parse(at))) return { at, kind, ref };
  throw new TpeError('INVALID_INPUT', 'The cursor cannot be used: it is not one that a timeline gave.', {
    field: 'cursor',
  });
}

function isKind(kind: string): kind is TimelineKind {
  return (TIMELINE_KINDS as readonly string[]).includes(kind);
}
