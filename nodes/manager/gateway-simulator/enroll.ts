import type { Credential } from '../registry/device.js';
import type { Registry } from '../registry/registry.js';
import { TpeError } from '../shared/tpe-error.js';
import type { GatewayIdentity } from './identity.js';
import type { SimulatedGateway } from './simulator.js';

/** The tag that marks a gateway as virtual. The simulator never changes a gateway without it. */
export const VIRTUAL_TAG = 'virtual';
/** How many gateways are written at once. One by one they take several times as long, and all together they would keep other callers waiting. */
const PIECE = 200;
/** Why a client id cannot be registered that became known between two statements. */
const TAKEN = ['client-id-registered', 'client-id-has-credential'];

/**
 * Gives virtual gateways their credentials. It registers unknown ones with the tag `virtual`, and rotates the passwords of those
 * that have the tag, since nobody knows the old ones. A gateway that has such a client id but not the tag belongs to somebody
 * else: it stays as it is, and its client id is in `taken`. Rejects as the registry does.
 */
export async function enrollVirtualGateways(
  registry: Registry,
  identities: readonly GatewayIdentity[],
): Promise<{ gateways: SimulatedGateway[]; taken: string[] }> {
  const credentials = new Map<string, Credential>();
  for (let start = 0; start < identities.length; start += PIECE) {
    for (const credential of await credentialsOf(registry, identities.slice(start, start + PIECE)))
      credentials.set(credential.clientid, credential);
  }
  const gateways: SimulatedGateway[] = [];
  const taken: string[] = [];
  for (const identity of identities) {
    const credential = credentials.get(identity.clientid);
    if (credential) gateways.push({ identity, username: credential.username, password: credential.password });
    else taken.push(identity.clientid);
  }
  return { gateways, taken };
}

/** Without those whose client ids belong to gateways that are not virtual. */
async function credentialsOf(
  registry: Registry,
  identities: readonly GatewayIdentity[],
): Promise<Credential[]> {
  const clientids = identities.map(({ clientid }) => clientid);
  const virtual: string[] = [];
  const ofOthers = new Set<string>();
  for await (const { clientid, tags } of registry.each({ clientids })) {
    if (tags.includes(VIRTUAL_TAG)) virtual.push(clientid);
    else ofOthers.add(clientid);
  }
  const rotated = virtual.length > 0 ? (await registry.rotateMany(virtual)).credentials : [];
  // One that was retired meanwhile has no new password, and is registered again.
  const isRotated = new Set(rotated.map(({ clientid }) => clientid));
  const fresh = identities.filter(({ clientid }) => !isRotated.has(clientid) && !ofOthers.has(clientid));
  return [...rotated, ...(fresh.length > 0 ? await register(registry, fresh) : [])];
}

/** Registers them as a file with many is, or one by one where the site's database refuses one of them. */
async function register(registry: Registry, identities: readonly GatewayIdentity[]): Promise<Credential[]> {
  try {
    return await registerTogether(registry, identities);
  } catch (error) {
    if (isConflict(error)) return await registerOneByOne(registry, identities);
    throw error;
  }
}

/** Without those that are refused. */
async function registerOneByOne(
  registry: Registry,
  identities: readonly GatewayIdentity[],
): Promise<Credential[]> {
  const credentials: Credential[] = [];
  for (const { clientid, site } of identities) {
    try {
      const { credential } = await registry.register({ clientid, site, tags: [VIRTUAL_TAG] });
      credentials.push(credential);
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
  }
  return credentials;
}

function isConflict(error: unknown): boolean {
  return error instanceof TpeError && error.code === 'CONFLICT';
}

async function registerTogether(
  registry: Registry,
  identities: readonly GatewayIdentity[],
): Promise<Credential[]> {
  const rows = identities.map(({ clientid, site }) => ({ clientid, site, tags: [VIRTUAL_TAG] }));
  const { credentials, faults } = await registry.import(JSON.stringify(rows), 'json');
  const fault = faults.find(({ cause }) => cause === null || !TAKEN.includes(cause.code));
  if (fault !== undefined) throw new TpeError('INVALID_INPUT', fault.reason);
  return credentials;
}
