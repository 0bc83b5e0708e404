import type { FromSchema } from 'json-schema-to-ts';
import type { Audit } from '../../manager/audit/audit.js';
import type { Device } from '../../manager/registry/device.js';
import type { Registry } from '../../manager/registry/registry.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { callReason } from '../call-reasons.js';

/** What a person changes of gateways. */
interface GatewayChange {
  site?: string;
  note?: string;
  redundancy?: string;
  enabled?: boolean;
  addTags?: readonly string[];
  removeTags?: readonly string[];
}

/** A note may be longer than all that an audit entry can hold. */
const MAX_LENGTH = 500;

/** A change as the audit tells it. */
export function told(change: GatewayChange): Record<string, unknown> {
  return Object.fromEntries(Object.entries(change).map(([name, value]) => [name, short(value)]));
}

/** The values of one gateway before a change, as far as that changes them. Those of several gateways differ, and are left out. */
export async function wasBefore(
  registry: Pick<Registry, 'get'>,
  clientids: readonly string[],
  { site, note, redundancy, enabled, addTags = [], removeTags = [] }: GatewayChange,
): Promise<{ was?: Record<string, unknown> }> {
  const [clientid] = clientids;
  if (clientid === undefined || clientids.length > 1) return {};
  const device = await registry.get(clientid);
  if (device === null) return {};
  const was = {
    ...(site !== undefined && site !== device.site && { site: short(device.site) }),
    ...(note !== undefined && note !== device.note && { note: short(device.note) }),
    ...(redundancy !== undefined && redundancy !== device.redundancy && { redundancy: device.redundancy }),
    ...(enabled !== undefined && enabled !== device.enabled && { enabled: device.enabled }),
    ...(addTags.length + removeTags.length > 0 && { tags: device.tags }),
  };
  return Object.keys(was).length > 0 ? { was } : {};
}

function short(value: unknown): unknown {
  return typeof value === 'string' ? value.slice(0, MAX_LENGTH) : value;
}

/** JSON Schema of the values that a person saw when the edit began. */
export const BASED_ON = {
  type: 'object',
  properties: {
    site: { type: 'string', maxLength: 1000 },
    note: { type: 'string', maxLength: 10_000 },
    redundancy: { type: 'string', maxLength: 1000 },
    tags: { type: 'array', items: { type: 'string', maxLength: 100 }, maxItems: 100 },
  },
  additionalProperties: false,
} as const;

/** Throws CONFLICT, with who it was and when, if a gateway is not any more what an edit is based on. */
export async function refuseIfChanged(
  audit: Pick<Audit, 'list'>,
  device: Device,
  basedOn: FromSchema<typeof BASED_ON>,
): Promise<void> {
  const now: FromSchema<typeof BASED_ON> = {
    site: device.site,
    note: device.note,
    redundancy: device.redundancy,
    tags: [...device.tags],
  };
  const names = Object.keys(basedOn) as (keyof typeof basedOn)[];
  if (names.every((name) => JSON.stringify(basedOn[name]) === JSON.stringify(now[name]))) return;
  const query = { clientid: device.clientid, action: 'gateway.', outcome: 'done', limit: 1 } as const;
  const [last] = await audit.list(query);
  throw new TpeError(
    'CONFLICT',
    callReason('gateway-changed-meanwhile', { who: last?.who ?? '?', at: last?.at ?? '?' }),
  );
}
