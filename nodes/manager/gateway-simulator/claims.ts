import type { Registry } from '../registry/registry.js';
import type { GatewayIdentity } from './identity.js';

/** The client ids that the simulators of this process have claimed, by the registry in which the gateways are. */
const claimed = new WeakMap<Registry, Set<string>>();

/** The result of claiming gateways for a simulator. */
export interface Claim {
  /** The gateways that this simulator has now. */
  free: GatewayIdentity[];
  /** Client ids that another simulator has. */
  elsewhere: string[];
  /** Gives the gateways of `free` back, for other simulators. */
  release(): void;
}

/**
 * Claims those of the gateways that no other simulator of this process has. Two simulators with the same client id would take
 * over each other's session again and again.
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
