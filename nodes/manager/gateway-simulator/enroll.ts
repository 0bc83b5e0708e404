import type { Credential } from '../registry/device.js';
import type { Registry } from '../registry/registry.js';
import { someAtOnce } from '../shared/some-at-once.js';
import { TpeError } from '../shared/tpe-error.js';
import type { GatewayIdentity } from './identity.js';
import type { SimulatedGateway } from './simulator.js';

/** Marks a gateway as one of ours: no other is ever touched. */
export const VIRTUAL_TAG = 'virtual';
/** The registry writes each by itself; a few at a time keep it busy without shutting others out. */
const AT_ONCE = 8;

/**
 * Gives virtual gateways their credentials: those that are not registered are, with the tag `virtual`; those that carry
 * it get a new password, since the old one is known to nobody. A gateway with such a client id but without the tag is
 * somebody's: it is left alone and named in `taken`. Rejects as the registry does.
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

/** Null where the client id is somebody else's. */
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
    // Somebody registered it in this very moment.
    if (error instanceof TpeError && error.code === 'CONFLICT') return null;
    throw error;
  }
}
