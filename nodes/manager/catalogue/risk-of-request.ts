import type { JsonSchema, Operation, RaisedBy } from './operation.js';
import type { OperationSet } from './operation-set.js';
import { OPERATIONS } from './operations.js';
import { highest, type Rating } from './risk.js';
import { pathReadings } from './validation/path-readings.js';
import { subschemas } from './validation/subschemas.js';
import { withoutCase } from './without-case.js';

/** A request that is to be rated. It may be invalid, which is reported elsewhere. */
export interface RatedRequest {
  /** The operation that the caller named by its id. */
  operation?: Operation | null;
  method: unknown;
  /** May have a query. */
  path: unknown;
  requestBody?: unknown;
}

const READ: Rating = { risk: 'read', classes: [] };
/** The rating of a request that the pack does not know, since it may do anything. */
const UNKNOWN: Rating = { risk: 'disruptive', classes: [] };
/** No path of the pack has more levels. */
const DEEPEST = 10;
/** The last levels of all paths of the pack. A body may have very many fields; only those with such a name are looked up. */
const LAST_LEVELS = new Set(OPERATIONS.map(({ path }) => path.toLowerCase().split('/').at(-1) ?? ''));
/** How many values of a body are searched. A body with more is refused by request-rules.ts. */
const MAX_VALUES = 50_000;
/** How often a text is decoded, since some clients escape twice. */
const MAX_DECODINGS = 3;

/**
 * Rates what a request may do at the gateway: the highest rating of all operations to which it could belong, for each way in
 * which a server could read its path. So neither another spelling nor a custom operation can lower the risk. A request that the
 * pack does not know, and that is no GET, is disruptive at least. Never throws.
 */
export function riskOfRequest(
  catalogue: Pick<OperationSet, 'findAll' | 'matching'>,
  { operation = null, method: givenMethod, path, requestBody }: RatedRequest,
): Rating {
  const method = typeof givenMethod === 'string' ? givenMethod.trim().toUpperCase() : '';
  const named = operation === null ? [] : [operation];
  const readings = typeof path === 'string' ? pathReadings(path.trim()) : null;
  if (typeof path !== 'string' || readings === null) {
    return highest([...named, method === 'GET' && readings !== null ? READ : UNKNOWN]);
  }
  const given = path.trim().replace(/^\/api\/v1(?=\/)/i, '');
  const place = given.split('?')[0] ?? '';
  const plain = place.split('/').filter((level) => level !== '');
  const found = new Set(named);
  const fields = fieldsOf(requestBody);
  const ratings: Rating[] = [];
  for (const levels of withoutDoubles(readings)) {
    const exact = levels.join('/') === plain.join('/') ? catalogue.findAll(method, place) : [];
    const known = operationsAt(catalogue, levels, method, exact);
    for (const one of known) found.add(one);
    const isKnown = known.some(({ source }) => source === 'tpe');
    if (!isKnown && method !== 'GET') ratings.push(UNKNOWN, ...kinOf(catalogue, levels, method));
    if (method !== 'GET') ratings.push(...kinByFields(catalogue, levels, known, fields.top));
  }
  for (const one of found) {
    ratings.push(one);
    if (one.raisedBy !== undefined && isRaised(one.raisedBy, given, fields.all)) ratings.push(one.raisedBy);
    if (one.bodySchema === null && method !== 'GET' && saysSomething(requestBody)) ratings.push(UNKNOWN);
  }
  return highest(ratings);
}

/**
 * The operations to which one reading of the path belongs. Where the path is spelled exactly as in the pack, a literal level
 * takes precedence over a placeholder, as at a gateway. Custom operations always count in addition.
 */
function operationsAt(
  catalogue: Pick<OperationSet, 'matching'>,
  levels: readonly string[],
  method: string,
  exact: readonly Operation[],
): Operation[] {
  const isSettled = exact.some(({ source }) => source === 'tpe');
  const others = catalogue
    .matching(levels)
    .filter((one) => one.method === method && !(isSettled && one.source === 'tpe'));
  return [...exact, ...others];
}

/**
 * The pack's operations at the nearest known path, at or above an unknown one. They indicate the risk, since firmware versions
 * differ in the paths below and in whether they take settings by PUT, POST or PATCH.
 */
function kinOf(
  catalogue: Pick<OperationSet, 'matching'>,
  levels: readonly string[],
  method: string,
): Operation[] {
  const isKin = (one: Operation) =>
    one.source === 'tpe' && one.method !== 'GET' && (one.method === 'DELETE') === (method === 'DELETE');
  for (let length = Math.min(levels.length, DEEPEST); length > 0; length -= 1) {
    const kin = catalogue.matching(levels.slice(0, length)).filter(isKin);
    if (kin.length > 0) return kin;
  }
  return [];
}

/**
 * The pack's operations that could take body fields which the known operation does not take: other methods at the same path, and
 * paths below it with the name of a field, such as `profile` of `/openvpn`. Some firmware takes a field here that other firmware
 * takes there.
 */
function kinByFields(
  catalogue: Pick<OperationSet, 'matching'>,
  levels: readonly string[],
  known: readonly Operation[],
  fields: ReadonlySet<string>,
): Operation[] {
  const taken = new Set(
    known.flatMap(({ source, bodySchema }) =>
      source !== 'tpe' || bodySchema === null ? [] : namesIn(bodySchema),
    ),
  );
  const others = [...fields].filter((name) => !taken.has(name));
  if (others.length === 0) return [];
  const changes = ({ source, method }: Operation) =>
    source === 'tpe' && method !== 'GET' && method !== 'DELETE';
  const below = others
    .filter((name) => LAST_LEVELS.has(name))
    .flatMap((name) =>
      catalogue
        .matching([...levels, name])
        .filter((one) => changes(one) && one.path.toLowerCase().endsWith(`/${name}`)),
    );
  return [...catalogue.matching(levels).filter(changes), ...below];
}

/** The folded names of fields: `top` has those of the body, or of its entries if it is a list; `all` has nested ones too. */
function fieldsOf(body: unknown): { top: ReadonlySet<string>; all: ReadonlySet<string> } {
  const top = new Set<string>();
  const all = new Set<string>();
  const open: [value: object, isTop: boolean][] = [];
  let seen = 0;
  const look = (value: unknown, isTop: boolean) => {
    seen += 1;
    if (typeof value === 'object' && value !== null) open.push([value, isTop]);
  };
  look(body, true);
  for (let next = open.pop(); next !== undefined && seen < MAX_VALUES; next = open.pop()) {
    const [value, isTop] = next;
    if (Array.isArray(value)) {
      for (const one of value.slice(0, MAX_VALUES)) look(one, isTop);
      continue;
    }
    for (const [name, one] of Object.entries(value)) {
      const folded = withoutCase(name);
      all.add(folded);
      if (isTop) top.add(folded);
      look(one, false);
    }
  }
  return { top, all };
}

const knownNames = new WeakMap<JsonSchema, readonly string[]>();

/** The folded names of the fields that a schema describes at its top level, or for the entries of a list. */
function namesIn(schema: JsonSchema): readonly string[] {
  const known = knownNames.get(schema);
  if (known !== undefined) return known;
  const names = [...subschemas(schema)].flatMap(([[keyword, name = ''], inner]) =>
    keyword === 'properties' ? [withoutCase(name)] : namesIn(inner),
  );
  knownNames.set(schema, names);
  return names;
}

/** Only the harmless value in its plain spelling does not raise the risk. Any other mention of the parameter does. */
function isRaised({ parameter, unless }: RaisedBy, path: string, fields: ReadonlySet<string>): boolean {
  const others = path.split(/[?&]/).filter((pair) => pair !== `${parameter}=${unless}`);
  const said = [others.join('&'), ...fields].flatMap(decodings);
  return said.some((text) => text.toLowerCase().includes(parameter.toLowerCase()));
}

function saysSomething(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return body !== undefined && body !== null && body !== '';
  return Object.keys(body).length > 0;
}

function withoutDoubles(readings: readonly string[][]): Iterable<string[]> {
  return new Map(readings.map((levels) => [levels.join('/'), levels])).values();
}

/** The text as it is, and percent-decoded once, twice and so on. */
function decodings(text: string): string[] {
  const found = [text];
  for (let times = 0; times < MAX_DECODINGS; times += 1) found.push(decoded(found.at(-1) ?? ''));
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
