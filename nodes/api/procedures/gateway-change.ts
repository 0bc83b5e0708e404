import type { Registry } from '../../manager/registry/registry.js';

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
