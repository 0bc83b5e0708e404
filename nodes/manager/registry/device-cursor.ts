import { parseJson } from '../shared/json-bounds.js';
import { isStorable } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import { SORT_KEYS } from './device-sort.js';
import type { DeviceSort } from './sort-names.js';

const MAX_LENGTH = 4096;

/** The place in a list where a page ends: its last gateway. */
export interface CursorPlace {
  /** The sort key of the gateway, as PostgreSQL writes it. */
  key: string;
  clientid: string;
}

/** The order of a list, to which a cursor belongs. */
export interface ListOrder {
  sort: DeviceSort;
  descending: boolean;
}

/** Writes a place as a cursor, which callers need not understand. */
export function writeCursor({ sort, descending }: ListOrder, place: CursorPlace): string {
  return Buffer.from(JSON.stringify([sort, descending, place.key, place.clientid])).toString('base64url');
}

/** Reads a cursor. Throws INVALID_INPUT for anything else, and for the cursor of a list in another order. */
export function readCursor(cursor: string, order: ListOrder): CursorPlace {
  const parts = decode(cursor);
  if (parts === null) throw badCursor();
  const [sort, descending, key, clientid] = parts;
  if (sort !== order.sort || descending !== order.descending) {
    throw badCursor('it belongs to a list in another order');
  }
  if (!SORT_KEYS[order.sort].form.test(key)) throw badCursor();
  return { key, clientid };
}

/** Creates the error for a cursor that cannot be used. */
export function badCursor(why = 'it is not one that a list gave'): TpeError {
  const text = `The cursor cannot be used: ${why}. Start again without a cursor.`;
  return new TpeError('INVALID_INPUT', text, { field: 'cursor' });
}

function decode(cursor: unknown): [string, boolean, string, string] | null {
  if (typeof cursor !== 'string' || cursor.length > MAX_LENGTH || !/^[\w-]+$/.test(cursor)) return null;
  let parts: unknown;
  try {
    parts = parseJson(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
  if (!Array.isArray(parts) || parts.length !== 4) return null;
  const [sort, descending, key, clientid]: unknown[] = parts;
  if (typeof sort !== 'string' || typeof descending !== 'boolean') return null;
  if (typeof key !== 'string' || typeof clientid !== 'string') return null;
  return isStorable(key) && isStorable(clientid) ? [sort, descending, key, clientid] : null;
}
