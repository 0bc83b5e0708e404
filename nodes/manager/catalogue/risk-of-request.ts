import type { JsonSchema, Operation, RaisedBy } from './operation.js';
import type { OperationSet } from './operation-set.js';
import { OPERATIONS } from './operations.js';
import { highest, type Rating } from './risk.js';
import { pathReadings } from './validation/path-readings.js';
import { subschemas } from './validation/subschemas.js';
import { withoutCase } from './without-case.js';

/** A request as it is about to be made; what is wrong with it is told elsewhere. */
export interface RatedRequest {
  /** The operation that was asked for by its id. */
  operation?: Operation | null;
  method: unknown;
  /** May have a query. */
  path: unknown;
  requestBody?: unknown;
}

const READ: Rating = { risk: 'read', classes: [] };
/** What is not known may do anything. */
const UNKNOWN: Rating = { risk: 'disruptive', classes: [] };
/** No path of the pack has more levels. */
const DEEPEST = 10;
/** What paths of the pack end with: a body may have very many fields, and few of them are one. */
const LAST_LEVELS = new Set(OPERATIONS.map(({ path }) => path.toLowerCase().split('/').at(-1) ?? ''));
/** Values of a body that are looked at: one with more is refused. */
const MAX_VALUES = 50_000;
/** Some clients escape twice. */
const MAX_DECODINGS = 3;

/**
 * What a request may do at the gateway, however it is spelled and whoever described it: the highest of all ways in which its
 * path can be read, and of all operations that these belong to. What the pack does not know, and is no GET, is disruptive at
 * least. Never throws.
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
 * The operations of one reading. As a gateway does, a literal level is taken before a placeholder, but only where the path is
 * spelled exactly as the catalogue has it; what users described counts beside it.
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
 * What the pack knows of the nearest path at or above one that it does not know: firmware differs in what it takes there, and
 * in whether settings are put, posted or patched.
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
 * What the pack knows of a field that the operation itself does not take: another method at the same path, or what lies below
 * the path by the field's name, as `profile` of `/openvpn` does. Some firmware takes there what others take here.
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

/** The fields of a body or of the entries of a list, folded; and those within them. */
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

/** The names of the fields that a schema describes at its top, or for the entries of a list, folded. */
function namesIn(schema: JsonSchema): readonly string[] {
  const known = knownNames.get(schema);
  if (known !== undefined) return known;
  const names = [...subschemas(schema)].flatMap(([[keyword, name = ''], inner]) =>
    keyword === 'properties' ? [withoutCase(name)] : namesIn(inner),
  );
  knownNames.set(schema, names);
  return names;
}

/** Only the one harmless value, in the one plain spelling, leaves it as it is. */
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

/** A text as it is, and decoded once and more often. */
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
