import type { Database, Queryable, Row } from '../database/database.js';
import { createPieceSize } from '../shared/piece-size.js';
import type { Device, DeviceCounts, DevicePage } from './device.js';
import { badCursor, type CursorPlace, type ListOrder, readCursor, writeCursor } from './device-cursor.js';
import type { DeviceFilter } from './device-filter.js';
import { type DeviceQuery, parseQuery } from './device-query.js';
import { type DeviceRow, toDevice } from './device-row.js';
import { SORT_KEYS } from './device-sort.js';
import { sourceFor } from './device-source.js';
import { conditionsOf, whereOf } from './filter-conditions.js';
import { pageStatements, type Stretch } from './page-statements.js';
import { type PresenceStatus, statusOf } from './presence-status.js';

const DEFAULT_LIMIT = 50;
/** The page size for reading all gateways, which is the largest allowed. */
const PAGE = 1000;
const LIST_PIECES = { first: 150, least: 50, most: 1000 };
const COUNT_PIECES = { first: 5000, least: 1000, most: 50_000 };

/** The database, or a transaction of it. */
type ListDatabase = Queryable & Partial<Pick<Database, 'kind'>>;

/** A place in the list with its gateway, unless others left one that has only one of its two rows. */
type PageRow = Row & { place: string; sort_key: string } & (DeviceRow | { clientid: null });

/** Reads one page of gateways. Rejects with INVALID_INPUT for a filter, sort, limit or cursor that is not valid. */
export async function listDevices(database: ListDatabase, given: DeviceQuery): Promise<DevicePage> {
  const query = parseQuery(given);
  const { sort = 'clientid', descending = false, limit = DEFAULT_LIMIT } = query;
  const order: ListOrder = { sort, descending };
  const rows = await readRows(database, query, order, limit + 1);
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return {
    devices: page.filter(isRead).map(toDevice),
    next: last === undefined ? null : writeCursor(order, placeOf(last)),
  };
}

/**
 * Reads so many places; with the embedded database in several statements, each of which stops everything else. In an order that each
 * connect changes, the pieces would miss gateways or have them twice.
 */
async function readRows(
  database: ListDatabase,
  query: DeviceQuery,
  order: ListOrder,
  limit: number,
): Promise<PageRow[]> {
  const mayBePieces = database.kind === 'pglite' && SORT_KEYS[order.sort].holder !== 'presence';
  const pieces = mayBePieces ? createPieceSize(LIST_PIECES) : null;
  const rows: PageRow[] = [];
  let after = query.cursor === undefined ? null : readCursor(query.cursor, order);
  let { skip = 0 } = query;
  for (;;) {
    const asked = Math.min(pieces?.now() ?? limit, limit - rows.length);
    const begun = performance.now();
    const piece = await readPage(database, query, order, { after, skip, limit: asked }).catch((error) => {
      throw query.cursor !== undefined && isDataError(error) ? badCursor() : error;
    });
    pieces?.took(performance.now() - begun, asked);
    for (const row of piece) rows.push(row);
    const last = piece.at(-1);
    if (last === undefined || piece.length < asked || rows.length >= limit) return rows;
    after = placeOf(last);
    skip = 0;
  }
}

function placeOf({ sort_key: key, place }: PageRow): CursorPlace {
  return { key, clientid: place };
}

async function readPage(
  database: Queryable,
  query: DeviceQuery,
  order: ListOrder,
  stretch: Stretch,
): Promise<PageRow[]> {
  let rows: PageRow[] = [];
  for (const { sql, parameters } of pageStatements(query, order, stretch)) {
    rows = await database.query<PageRow>(sql, parameters);
    if (rows.length === stretch.limit) break;
  }
  return rows;
}

/** Reads all gateways that match, page by page, in order of client id. Rejects with INVALID_INPUT. */
export async function* devicePages(database: ListDatabase, filter: DeviceFilter): AsyncGenerator<Device[]> {
  let cursor: string | undefined;
  do {
    const page = await listDevices(database, { ...filter, limit: PAGE, cursor });
    yield page.devices;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}

/** Reads as devicePages does, but yields one gateway at a time. */
export async function* eachDevice(database: ListDatabase, filter: DeviceFilter): AsyncGenerator<Device> {
  for await (const devices of devicePages(database, filter)) yield* devices;
}

interface StatusCount {
  status: PresenceStatus;
  count: number;
}

/** Counts the gateways that match, in all and by presence. Rejects with INVALID_INPUT. */
export async function countDevices(database: Queryable, filter: DeviceFilter): Promise<DeviceCounts> {
  const { parts, parameters } = conditionsOf(filter);
  // By what the index of the statuses has.
  const rows = await database.query<{ attention: number; count: number }>(
    `select attention, count(*) as count from ${sourceFor(filter, 'presence')} device ${whereOf(parts)} group by attention`,
    parameters,
  );
  return countsOf(rows.map(({ attention, count }) => ({ status: statusOf(attention), count })));
}

/** A piece of the fleet: how many of each status are behind $1, and the last of them all. */
const COUNT_PIECE = `
  select status, count(*) as count, max(max(clientid)) over () as last
  from (select clientid, status from tpe_presence where $1::text is null or clientid > $1 order by clientid limit $2) piece
  group by status`;

/** Counts all gateways, a piece with each statement, since others want the database meanwhile. */
export async function countAll(database: Queryable): Promise<DeviceCounts> {
  const all: StatusCount[] = [];
  const pieces = createPieceSize(COUNT_PIECES);
  let after: string | null = null;
  do {
    const limit = pieces.now();
    const read = () => database.query<StatusCount & Row & { last: string }>(COUNT_PIECE, [after, limit]);
    const rows = await pieces.timed(limit, read);
    all.push(...rows);
    const { total } = countsOf(rows);
    after = total < limit ? null : (rows[0]?.last ?? null);
  } while (after !== null);
  return countsOf(all);
}

function countsOf(rows: readonly StatusCount[]): DeviceCounts {
  const counts: DeviceCounts = { total: 0, online: 0, offline: 0, never_seen: 0 };
  for (const { status, count } of rows) {
    counts[status] += count;
    counts.total += count;
  }
  return counts;
}

function isRead(row: PageRow): row is PageRow & DeviceRow {
  return row.clientid !== null;
}

/** True for the error of PostgreSQL about a value that it cannot read, such as a forged sort key. */
function isDataError(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code.startsWith('22');
}
