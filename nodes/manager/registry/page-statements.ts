import type { CursorPlace, ListOrder } from './device-cursor.js';
import { conditionsIn, type DeviceFilter, type FilterKey } from './device-filter.js';
import type { DeviceQuery } from './device-query.js';
import { DEVICE_COLUMNS, JOIN_CREDENTIAL } from './device-row.js';
import { SORT_KEYS } from './device-sort.js';
import { sourceFor } from './device-source.js';
import { addParameter, type Conditions, conditionsOf, whereOf } from './filter-conditions.js';

/** An SQL statement with the values of its `$n`. */
export interface PageStatement {
  sql: string;
  parameters: unknown[];
}

/** A part of a list: so many gateways behind this one, but for the first `skip`; null for the first ones. */
export interface Stretch {
  after: CursorPlace | null;
  skip?: number;
  limit: number;
}

/** Conditions whose matches may all lie at one end of the list, as those of a site do where hosts are named after sites. */
const ANYWHERE: readonly FilterKey[] = ['search', 'model', 'firmware', 'tpe', 'tag', 'site', 'redundancy'];
/** How far the beginning of a list is looked through, in pages: where one in twenty matches, a page is nearly always found there. */
const HEAD_PAGES = 30;
/** The smallest page of which so many are looked through: some are asked for only a few gateways. */
const LEAST_PAGE = 50;

/**
 * Makes the statements that read a page: the first that fills it is the page, else the last. Each picks the places of the page, and then
 * reads these gateways.
 *
 * Mostly it is one, which reads the index of the order from the cursor on, so that its cost does not grow with the fleet. PostgreSQL would do
 * so too where it expects many matches, even if all come last, and go through the fleet. So with conditions that match anywhere the first
 * statement looks through the beginning of the list alone, and the second finds all that match by what is quickest for that, and sorts them.
 */
export function pageStatements(
  query: DeviceQuery,
  order: ListOrder,
  { after, skip = 0, limit }: Stretch,
): PageStatement[] {
  const filter = conditionsIn(query);
  const source = `${sourceFor(filter, SORT_KEYS[order.sort].holder)} device`;
  const { stretch: ofStretch, others } = splitFilter(filter, order);
  const stretch = conditionsOf(ofStretch);
  if (after !== null) addPlace(stretch, after, order);
  const page = `limit ${addParameter(stretch, limit)} offset ${addParameter(stretch, skip)}`;
  const { expression, within } = SORT_KEYS[order.sort];
  const keys = [`${expression} as key`, ...(within === undefined ? [] : [`${within} as within`])].join(', ');
  const matching = (parts: readonly string[]) =>
    `select device.clientid, ${keys} from ${source} ${whereOf([...stretch.parts, ...parts])}`;
  if (!ANYWHERE.some((condition) => condition in others)) {
    const { parts, parameters } = conditionsOf(others, stretch.parameters);
    return [{ sql: readPlaces(`${matching(parts)} ${along(order)} ${page}`, order), parameters }];
  }
  const { parts, parameters } = conditionsOf(others, [...stretch.parameters]);
  // Because of the inner offset, PostgreSQL does not hope for a few matches soon.
  const found = `select * from (${matching(parts)} offset 0) place ${byPlace(order)} ${page}`;
  const all = { sql: readPlaces(found, order), parameters };
  const headSize = Math.max(limit, LEAST_PAGE) * HEAD_PAGES;
  if (skip + limit > headSize) return [all];
  const beside = conditionsOf(others, [...stretch.parameters], 'each');
  const head = `
    select clientid, key${within === undefined ? '' : ', within'} from (
      select *, ${keys} from ${source} ${whereOf(stretch.parts)} ${along(order)} limit ${headSize}
    ) device ${whereOf(beside.parts)} ${orderBy(['device.key', ...tieOf(order)], order)} ${page}`;
  return [{ sql: readPlaces(head, order), parameters: beside.parameters }, all];
}

/** Divides conditions into those for which one stretch of the order's index is read, or a list of client ids, and the others. */
function splitFilter(
  filter: DeviceFilter,
  { sort }: ListOrder,
): { stretch: DeviceFilter; others: DeviceFilter } {
  const stretch: DeviceFilter = {};
  const others: DeviceFilter = {};
  for (const [key, value] of Object.entries(filter)) {
    const isOfStretch = key === 'clientids' || key === SORT_KEYS[sort].filter;
    Object.assign(isOfStretch ? stretch : others, { [key]: value });
  }
  return { stretch, others };
}

function addPlace(conditions: Conditions, { key, clientid }: CursorPlace, order: ListOrder): void {
  const { type, within } = SORT_KEYS[order.sort];
  const name = `${addParameter(conditions, clientid)}::text`;
  const places = [name];
  if (within !== undefined) places.unshift(`tpe_natural_key(${name})`);
  if (order.sort !== 'clientid') places.unshift(`${addParameter(conditions, key)}::${type}`);
  conditions.parts.push(
    `(${columnsOf(order).join(', ')}) ${order.descending ? '<' : '>'} (${places.join(', ')})`,
  );
}

/** What a list is sorted by, of a source under the alias `device`. */
function columnsOf(order: ListOrder): string[] {
  return [SORT_KEYS[order.sort].expression, ...tieOf(order)];
}

/** What gateways with the same key are sorted by; those sorted by client id have no same. */
function tieOf({ sort }: ListOrder): string[] {
  if (sort === 'clientid') return [];
  const { within, clientid } = SORT_KEYS[sort];
  return within === undefined ? [clientid] : [within, clientid];
}

function along(order: ListOrder): string {
  return orderBy(columnsOf(order), order);
}

function byPlace(order: ListOrder): string {
  const within = SORT_KEYS[order.sort].within === undefined ? [] : ['place.within'];
  return orderBy(['place.key', ...within, 'place.clientid'], order);
}

function orderBy(columns: readonly string[], { descending }: ListOrder): string {
  return `order by ${columns.map((column) => `${column} ${descending ? 'desc' : 'asc'}`).join(', ')}`;
}

/** A gateway that lacks one of its two rows, as others may leave it, has a place, but nothing to read. */
function readPlaces(picked: string, order: ListOrder): string {
  return `
    select ${DEVICE_COLUMNS}, place.clientid as place, place.key::text as sort_key
    from (${picked}) place left join tpe_gateway device on device.clientid = place.clientid ${JOIN_CREDENTIAL}
    ${byPlace(order)}`;
}
