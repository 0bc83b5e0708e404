import type { Queryable, Row } from '../database/database.js';
import type { Device, DeviceCounts, DevicePage } from './device.js';
import { badCursor, type ListOrder, writeCursor } from './device-cursor.js';
import type { DeviceFilter } from './device-filter.js';
import { type DeviceQuery, parseQuery } from './device-query.js';
import { type DeviceRow, toDevice } from './device-row.js';
import { sourceFor } from './device-source.js';
import { conditionsOf, whereOf } from './filter-conditions.js';
import { pageStatements } from './page-statements.js';
import type { PresenceStatus } from './presence-status.js';

const DEFAULT_LIMIT = 50;
/** The page size for reading all gateways, which is the largest allowed. */
const PAGE = 1000;

/** A place in the list with its gateway, unless others left one that has only one of its two rows. */
type PageRow = Row & { place: string; sort_key: string } & (DeviceRow | { clientid: null });

/** Reads one page of gateways. Rejects with INVALID_INPUT for a filter, sort, limit or cursor that is not valid. */
export async function listDevices(database: Queryable, given: DeviceQuery): Promise<DevicePage> {
  const query = parseQuery(given);
  const { sort = 'clientid', descending = false, limit = DEFAULT_LIMIT } = query;
  const order: ListOrder = { sort, descending };
  const rows = await readPage(database, query, order, limit + 1).catch((error) => {
    throw query.cursor !== undefined && isDataError(error) ? badCursor() : error;
  });
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  const next = last === undefined ? null : writeCursor(order, { key: last.sort_key, clientid: last.place });
  return { devices: page.filter(isRead).map(toDevice), next };
}

async function readPage(
  database: Queryable,
  query: DeviceQuery,
  order: ListOrder,
  limit: number,
): Promise<PageRow[]> {
  let rows: PageRow[] = [];
  for (const { sql, parameters } of pageStatements(query, order, limit)) {
    rows = await database.query<PageRow>(sql, parameters);
    if (rows.length === limit) break;
  }
  return rows;
}

/** Reads all gateways that match, page by page, in order of client id. Rejects with INVALID_INPUT. */
export async function* devicePages(database: Queryable, filter: DeviceFilter): AsyncGenerator<Device[]> {
  let cursor: string | undefined;
  do {
    const page = await listDevices(database, { ...filter, limit: PAGE, cursor });
    yield page.devices;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
}

/** Reads as devicePages does, but yields one gateway at a time. */
export async function* eachDevice(database: Queryable, filter: DeviceFilter): AsyncGenerator<Device> {
  for await (const devices of devicePages(database, filter)) yield* devices;
}

/** Counts the gateways that match, in all and by presence. Rejects with INVALID_INPUT. */
export async function countDevices(database: Queryable, filter: DeviceFilter): Promise<DeviceCounts> {
  const { parts, parameters } = conditionsOf(filter);
  const rows = await database.query<Row & { status: PresenceStatus; count: number }>(
    `select status, count(*) as count from ${sourceFor(filter, 'presence')} device ${whereOf(parts)} group by status`,
    parameters,
  );
  const counts: DeviceCounts = { total: 0, online: 0, offline: 0, never_seen: 0 };
  for (const { status, count } of rows) {
    counts[status] = count;
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
