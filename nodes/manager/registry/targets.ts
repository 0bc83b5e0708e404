import { clientIdOf } from '../protocol/client-id.js';
import { quotable } from '../shared/text.js';
import { TpeError } from '../shared/tpe-error.js';
import { isPlainObject, kindOf, parser } from '../shared/validate.js';
import { type DeviceFilter, isCondition } from './device-filter.js';
import { parseFilter } from './parse-filter.js';
import { registrationReason } from './registration-reasons.js';
import type { Registry } from './registry.js';

// Reads the targets of a request in one place for nodes, dashboard and REST. An invalid value is an error and never means the whole fleet.

/** The longest text that is accepted as a client id. */
const LONGEST = 200;

/** A list of client ids. */
export const CLIENT_IDS = {
  type: 'array',
  items: { type: 'string', minLength: 1, maxLength: LONGEST },
  minItems: 1,
  maxItems: 100_000,
} as const;

/** The gateways that a request is meant for. */
export type Targets =
  | { kind: 'one'; clientid: string }
  | { kind: 'list'; clientids: readonly string[] }
  | { kind: 'filter'; filter: DeviceFilter }
  | { kind: 'all' };

const FORMS =
  'give one client id, a list of them, a filter such as {"tag": "north"}, or {"all": true} for the whole fleet';

/**
 * Reads the targets of a request: a client id (a whole number becomes its digits), a list of them, a DeviceFilter, or `{all: true}`.
 * `subject` names the value in errors. Throws INVALID_INPUT for anything else, and for a filter without a condition: only `{all: true}`
 * means the whole fleet.
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

/**
 * Reads the targets of a request that only reads, as parseTargets does. For such a request no value, or a filter without a condition,
 * means the whole fleet.
 */
export function parseReadTargets(value: unknown, subject: string): Targets {
  if (value === undefined) return { kind: 'all' };
  // A number is probably the time of an inject node. As a client id it would only give an empty list, which does not show the mistake.
  if (typeof value === 'number') throw invalid(subject, 'is a number');
  if (!isPlainObject(value) || isAll(value)) return parseTargets(value, subject);
  // A condition without a value is probably a mistake in a flow, such as a missing property. A blank text is left blank on purpose.
  const missing = Object.entries(value).find(([, condition]) => condition === undefined);
  if (missing !== undefined) throw invalid(subject, `has a filter whose "${missing[0]}" has no value`);
  return { kind: 'filter', filter: parseFilter(value) };
}

/**
 * Finds the client ids of the targets, each once. Client ids that the request names come in the order of the request, registered or not;
 * those that a filter finds come in order of client id.
 */
export async function* resolveTargets(
  registry: Pick<Registry, 'each'>,
  targets: Targets,
): AsyncGenerator<string> {
  if (targets.kind === 'one') return yield targets.clientid;
  if (targets.kind === 'list') return yield* new Set(targets.clientids);
  for await (const device of registry.each(filterOf(targets))) yield device.clientid;
}

/** Makes the filter that finds those targets that are registered. */
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

/** Rejects with NOT_FOUND, naming one, if a client id that the request names is not registered. Filters are not checked. */
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
    const reason = registrationReason('client-id-not-registered', { clientid: quotable(clientid) });
    throw new TpeError('NOT_FOUND', reason, { field: 'clientid' });
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

/** Reads a filter with at least one condition. It refuses a blank one, since a filter that is blank by accident would match too many. */
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
