import { clientIdOf } from '../protocol/client-id.js';
import { TpeError } from '../shared/tpe-error.js';
import { isPlainObject, kindOf, parser } from '../shared/validate.js';
import { type DeviceFilter, isCondition, parseFilter } from './device-filter.js';
import type { Registry } from './registry.js';

// The targets of a request, read in one place for nodes, dashboard and REST. An invalid value is an error, never the whole fleet.

/** The longest text that is looked at as a client id. */
const LONGEST = 200;

/** Gateways that are named one by one. */
export const CLIENT_IDS = {
  type: 'array',
  items: { type: 'string', minLength: 1, maxLength: LONGEST },
  minItems: 1,
  maxItems: 100_000,
} as const;

/** Whom a request reaches. */
export type Targets =
  | { kind: 'one'; clientid: string }
  | { kind: 'list'; clientids: readonly string[] }
  | { kind: 'filter'; filter: DeviceFilter }
  | { kind: 'all' };

const FORMS =
  'give one client id, a list of them, a filter such as {"tag": "north"}, or {"all": true} for the whole fleet';

/**
 * Reads the targets of a request: a client id (whole numbers become decimal text), a list of them, a DeviceFilter, or `{all:
 * true}`. `subject` names the value in errors. Throws INVALID_INPUT for anything else, and for a filter without a condition: the
 * whole fleet must be named explicitly.
 */
export function parseTargets(given: unknown, subject: string): Targets {
  const value = clientIdOf(given);
  if (value === undefined) throw invalid(subject, 'is missing');
  if (typeof value === 'string') return { kind: 'one', clientid: one(value, subject) };
  if (Array.isArray(value)) return { kind: 'list', clientids: listOf(value.map(clientIdOf), subject) };
  if (!isPlainObject(value)) throw invalid(subject, `is ${kindOf(value)}`);
  if (isAll(value)) return { kind: 'all' };
  return { kind: 'filter', filter: narrowing(value, subject) };
}

/** As parseTargets, for reading: there no value, and a filter without a condition, means the whole fleet. */
export function parseReadTargets(value: unknown, subject: string): Targets {
  if (value === undefined) return { kind: 'all' };
  // The time of an inject node, and no client id: that it names nobody would be told by an empty list alone.
  if (typeof value === 'number') throw invalid(subject, 'is a number');
  if (!isPlainObject(value) || isAll(value)) return parseTargets(value, subject);
  // As where a flow takes it from a property that is not there: no text that somebody left blank.
  const missing = Object.entries(value).find(([, condition]) => condition === undefined);
  if (missing !== undefined) throw invalid(subject, `has a filter whose "${missing[0]}" has no value`);
  return { kind: 'filter', filter: parseFilter(value) };
}

/** The client ids, each once: those that are named as they were named, registered or not, others in order of client id. */
export async function* resolveTargets(
  registry: Pick<Registry, 'each'>,
  targets: Targets,
): AsyncGenerator<string> {
  if (targets.kind === 'one') return yield targets.clientid;
  if (targets.kind === 'list') return yield* new Set(targets.clientids);
  for await (const device of registry.each(filterOf(targets))) yield device.clientid;
}

/** The filter that finds them, of those that are registered. */
export function filterOf(targets: Targets): DeviceFilter {
  switch (targets.kind) {
    case 'one':
      return { clientids: [targets.clientid] };
    case 'list':
      return { clientids: [...new Set(targets.clientids)] };
    case 'filter':
      return targets.filter;
    case 'all':
      return {};
  }
}

/** Resolves when all gateways that are named one by one are registered; NOT_FOUND names one that is not. */
export async function checkRegistered(
  registry: Pick<Registry, 'counts' | 'get'>,
  targets: Targets,
): Promise<void> {
  if (targets.kind !== 'one' && targets.kind !== 'list') return;
  const { clientids = [] } = filterOf(targets);
  const { total } = await registry.counts({ clientids });
  if (total === clientids.length) return;
  for (const clientid of clientids) {
    if ((await registry.get(clientid)) !== null) continue;
    const text = `There is no gateway with the client id ${JSON.stringify(clientid)}.`;
    throw new TpeError('NOT_FOUND', text, { field: 'clientid' });
  }
}

function one(value: string, subject: string): string {
  if (value.trim() === '') throw invalid(subject, 'is blank');
  if (value.length <= LONGEST) return value;
  throw invalid(subject, `has ${value.length} characters, which no client id has`);
}

function listOf(value: unknown[], subject: string): string[] {
  return parser<string[]>(CLIENT_IDS, subject, `${capital(FORMS)}.`)(value);
}

function isAll(value: object): boolean {
  return Object.keys(value).length === 1 && (value as { all?: unknown }).all === true;
}

/** A field without a value is refused: left out by accident, it would reach more than was meant. */
function narrowing(value: object, subject: string): DeviceFilter {
  const filter = parseFilter(value);
  const blank = Object.entries(filter).find(([, condition]) => !isCondition(condition));
  if (blank !== undefined)
    throw invalid(subject, `has a filter whose "${blank[0]}" is empty and so no condition`);
  if (Object.keys(filter).length > 0) return filter;
  throw invalid(subject, 'has a filter without a condition');
}

function invalid(subject: string, what: string): TpeError {
  return new TpeError('INVALID_INPUT', `"${subject}" ${what}: ${FORMS}.`, { field: subject });
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
