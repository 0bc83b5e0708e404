import type { Database, Queryable, Row } from '../database/database.js';
import { createPieceSize } from '../shared/piece-size.js';
import type { Device, DeviceCounts, DevicePage } from './device.js';
import { badCursor, type ListOrder, readCursor, writeCursor } from './device-cursor.js';
import { conditionsIn, type DeviceFilter, type FilterKey } from './device-filter.js';
import { type DeviceQuery, parseQuery } from './device-query.js';
import { DEVICE_COLUMNS, type DeviceRow, JOIN_CREDENTIAL, toDevice } from './device-row.js';
import { SORT_KEYS } from './device-sort.js';
import { addParameter, conditionsOf, whereOf } from './filter-conditions.js';
import type { PresenceStatus } from './presence-status.js';

const DEFAULT_LIMIT = 50;
/** The page size for reading all gateways, which is the largest allowed. */
const PAGE = 1000;
const LIST_PIECES = { first: 150, least: 50, most: 1000 };
const COUNT_PIECES = { first: 5000, least: 1000, most: 50_000 };

/** The database, or a transaction of it. */
type ListDatabase = Queryable & Partial<Pick<Database, 'kind'>>;

/** An SQL statement with the values of its `$n`. */
export interface ListStatement {
  sql: string;
  parameters: unknown[];
}

/** Reads one page of gateways. Rejects with INVALID_INPUT for a filter, sort, limit or cursor that is not valid. */
export async function listDevices(database: ListDatabase, given: DeviceQuery): Promise<DevicePage> {
  const query = parseQuery(given);
  const { sort = 'clientid', descending = false, limit = DEFAULT_LIMIT } = query;
  const order: ListOrder = { sort, descending };
  const rows = await readRows(database, query, order, limit + 1);
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { devices: page.map(toDevice), next: last === undefined ? null : cursorOf(order, last) };
}

type ListRow = DeviceRow & { sort_key: string };

/** Reads so many rows; with the embedded database in several statements, each of which stops everything else. */
async function readRows(
  database: ListDatabase,
  query: DeviceQuery,
  order: ListOrder,
  limit: number,
): Promise<ListRow[]> {
  const pieces = database.kind === 'pglite' ? createPieceSize(LIST_PIECES) : null;
  const rows: ListRow[] = [];
  let { cursor } = query;
  for (;;) {
    const asked = Math.min(pieces?.now() ?? limit, limit - rows.length);
    const { sql, parameters } = listStatement({ ...query, cursor }, order, asked);
    const begun = performance.now();
    const piece = await database.query<ListRow>(sql, parameters).catch((error) => {
      throw cursor !== undefined && isDataError(error) ? badCursor() : error;
    });
    pieces?.took(performance.now() - begun, asked);
    for (const row of piece) rows.push(row);
    const last = piece.at(-1);
    if (last === undefined || piece.length < asked || rows.length >= limit) return rows;
    cursor = cursorOf(order, last);
  }
}

function cursorOf(order: ListOrder, { sort_key: key, clientid }: ListRow): string {
  return writeCursor(order, { key, clientid });
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

interface StatusCount extends Row {
  status: PresenceStatus;
  count: number;
}

/** Counts the gateways that match, in all and by presence. Rejects with INVALID_INPUT. */
export async function countDevices(database: Queryable, filter: DeviceFilter): Promise<DeviceCounts> {
  const conditions = conditionsOf(filter);
  const rows = await database.query<StatusCount>(
    `select status, count(*) as count from ${tableFor(filter)} device ${whereOf(conditions)} group by status`,
    conditions.parameters,
  );
  return countsOf(rows);
}

/** A piece of the fleet: how many of each status are behind $1, and the last of them all. */
const COUNT_PIECE = `
  select status, count(*) as count, max(max(clientid)) over () as last
  from (select clientid, status from tpe_presence where clientid > $1 order by clientid limit $2) piece group by status`;

/** Counts all gateways, a piece with each statement, since others want the database meanwhile. */
export async function countAll(database: Queryable): Promise<DeviceCounts> {
  const all: StatusCount[] = [];
  const pieces = createPieceSize(COUNT_PIECES);
  for (let after: string | null = ''; after !== null; ) {
    const limit = pieces.now();
    const begun = performance.now();
    const rows: (StatusCount & { last: string })[] = await database.query(COUNT_PIECE, [after, limit]);
    pieces.took(performance.now() - begun, limit);
    all.push(...rows);
    const { total } = countsOf(rows);
    after = total < limit ? null : (rows[0]?.last ?? null);
  }
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

/**
 * Makes the statement that reads a page. It selects the page along the index of its order before it joins the credentials, so that its
 * cost does not grow with the fleet.
 */
export function listStatement(query: DeviceQuery, order: ListOrder, limit: number): ListStatement {
  const conditions = conditionsOf(conditionsIn(query));
  const { expression, type, clientid: id } = SORT_KEYS[order.sort];
  const columns = order.sort === 'clientid' ? [expression] : [expression, id];
  if (query.cursor !== undefined) {
    const { key, clientid } = readCursor(query.cursor, order);
    const values = order.sort === 'clientid' ? [clientid] : [key, clientid];
    const types = order.sort === 'clientid' ? ['text'] : [type, 'text'];
    const places = values.map((value, index) => `${addParameter(conditions, value)}::${types[index]}`);
    conditions.parts.push(`(${columns.join(', ')}) ${order.descending ? '<' : '>'} (${places.join(', ')})`);
  }
  const direction = order.descending ? 'desc' : 'asc';
  const orderBy = `order by ${columns.map((column) => `${column} ${direction}`).join(', ')}`;
  const sql = `
    select ${DEVICE_COLUMNS}, (${expression})::text as sort_key
    from (
      select * from tpe_gateway device ${whereOf(conditions)} ${orderBy} limit ${addParameter(conditions, limit)}
    ) device ${JOIN_CREDENTIAL}
    ${orderBy}`;
  return { sql, parameters: conditions.parameters };
}

/** Conditions that need no more of a gateway than its client id and status. */
const OF_PRESENCE: readonly FilterKey[] = ['status', 'clientids', 'hasUpdate', 'enabled'];

/** The smallest table that has what the filter needs. */
function tableFor(filter: DeviceFilter): string {
  const keys = Object.keys(conditionsIn(filter)) as FilterKey[];
  return keys.every((key) => OF_PRESENCE.includes(key)) ? 'tpe_presence' : 'tpe_gateway';
}

/** True for the error of PostgreSQL about a value that it cannot read, such as a forged sort key. */
function isDataError(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code.startsWith('22');
}
