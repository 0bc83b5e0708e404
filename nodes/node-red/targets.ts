import type { FromSchema } from 'json-schema-to-ts';
import type { DeviceFilter } from '../manager/registry/device.js';
import type { Registry } from '../manager/registry/registry.js';
import { TpeError } from '../manager/tpe-error.js';
import { parseFilter } from './device-schemas.js';
import { isObject, parser } from './message-values.js';

const listSchema = { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } } as const;
const parseList = parser<FromSchema<typeof listSchema>>(listSchema, 'clientid');

/** Whom a command is for: one gateway, or a number of them. */
export type Targets =
  | { kind: 'one'; clientid: string }
  | { kind: 'many'; each(registry: Registry): AsyncIterable<string> };

/**
 * Reads whom a command is for: a client id, a list of them, or a DeviceFilter. Throws INVALID_INPUT for anything
 * else, and for a filter without a condition: the whole fleet must be asked for by `{all: true}`.
 */
export function targetsOf(value: unknown): Targets {
  if (typeof value === 'string' && value !== '') return { kind: 'one', clientid: value };
  if (Array.isArray(value)) {
    const clientids = [...new Set(parseList(value))];
    return { kind: 'many', each: () => inOrder(clientids) };
  }
  if (!isObject(value)) {
    throw new TpeError(
      'INVALID_INPUT',
      '"clientid" is missing: give one client id, a list of them, or a filter such as {"tag": "north"}.',
      { field: 'clientid' },
    );
  }
  const filter = filterOf(value);
  return { kind: 'many', each: (registry) => clientidsOf(registry, filter) };
}

function filterOf(value: Record<string, unknown>): DeviceFilter {
  if (value.all === true && Object.keys(value).length === 1) return {};
  const filter = parseFilter(value);
  if (Object.values(filter).some(isCondition)) return filter;
  throw new TpeError(
    'INVALID_INPUT',
    'The filter in "clientid" has no condition. To command all gateways say so: {"all": true}.',
    { field: 'clientid' },
  );
}

/** The registry takes a blank text for no condition. */
function isCondition(value: unknown): boolean {
  return typeof value === 'string' ? value.trim() !== '' : value !== undefined;
}

async function* clientidsOf(registry: Registry, filter: DeviceFilter): AsyncIterable<string> {
  for await (const device of registry.each(filter)) yield device.clientid;
}

async function* inOrder(clientids: readonly string[]): AsyncIterable<string> {
  yield* clientids;
}
