import type { Credential } from '../registry/device.js';
import type { Registry } from '../registry/registry.js';
import { someAtOnce } from '../shared/some-at-once.js';
import { TpeError } from '../shared/tpe-error.js';
import type { GatewayIdentity } from './identity.js';
import type { SimulatedGateway } from './simulator.js';

/** The tag that marks a gateway as virtual. The simulator never changes a gateway without it. */
export const VIRTUAL_TAG = 'virtual';
/** The registry writes each gateway in a statement of its own. A few at a time are fast, and leave room for other callers. */
const AT_ONCE = 8;

/**
 * Gives virtual gateways their credentials. It registers unknown ones with the tag `virtual`, and rotates the password of those
 * that have the tag, since nobody knows the old one. A gateway that has such a client id but not the tag belongs to somebody
 * else: it stays as it is, and its client id is in `taken`. Rejects as the registry does.
 */
export async function enrollVirtualGateways(
  registry: Registry,
  identities: readonly GatewayIdentity[],
): Promise<{ gateways: SimulatedGateway[]; taken: string[] }> {
  const credentials: (Credential | null)[] = [];
  await someAtOnce(identities, AT_ONCE, async (identity, index) => {
    credentials[index] = await credentialOf(registry, identity);
  });
  const gateways: SimulatedGateway[] = [];
  const taken: string[] = [];
  for (const [index, identity] of identities.entries()) {
    const credential = credentials[index];
    if (credential) gateways.push({ identity, username: credential.username, password: credential.password });
    else taken.push(identity.clientid);
  }
  return { gateways, taken };
}

/** Null where the client id belongs to a gateway that is not virtual. */
async function credentialOf(
  registry: Registry,
  { clientid, site }: GatewayIdentity,
): Promise<Credential | null> {
  const device = await registry.get(clientid);
  if (device) return device.tags.includes(VIRTUAL_TAG) ? registry.rotate(clientid) : null;
  try {
    const { credential } = await registry.register({ clientid, site, tags: [VIRTUAL_TAG] });
    return credential;
  } catch (error) {
    // Somebody registered this client id between the two calls.
    if (error instanceof TpeError && error.code === 'CONFLICT') return null;
    throw error;
  }
}
