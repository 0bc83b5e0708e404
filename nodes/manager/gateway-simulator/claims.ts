import type { Registry } from '../registry/registry.js';
import type { GatewayIdentity } from './identity.js';

/** Whom the simulators of this process stand for, by the registry that they are in. */
const claimed = new WeakMap<Registry, Set<string>>();

/** Who is left for one more simulator. */
export interface Claim {
  free: GatewayIdentity[];
  /** Client ids that another simulator stands for. */
  elsewhere: string[];
  /** Gives them back. */
  release(): void;
}

/**
 * Takes those of the gateways that no other simulator stands for: two that connect with one client id would take each other's
 * place for ever.
 */
export function claimGateways(registry: Registry, identities: readonly GatewayIdentity[]): Claim {
  const all = claimed.get(registry) ?? new Set();
  claimed.set(registry, all);
  const isFree = ({ clientid }: GatewayIdentity) => !all.has(clientid);
  const free = identities.filter(isFree);
  const elsewhere = identities.filter((one) => !isFree(one)).map(({ clientid }) => clientid);
  for (const { clientid } of free) all.add(clientid);
  return {
    free,
    elsewhere,
    release() {
      for (const { clientid } of free) all.delete(clientid);
    },
  };
}
