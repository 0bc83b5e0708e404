import type { NodeAPI } from 'node-red';
import type { KnownBefore } from '../../api/procedure.js';
import { TPE_OPERATIONS } from '../../manager/catalogue/operation-set.js';
import type { DeviceManager } from '../../manager/device-manager.js';
import { DEFAULT_TOPICS, makeTopics } from '../../manager/protocol/topics.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { findServer } from '../server/server-node.js';

const KNOWN_TO_ALL: KnownBefore = {
  catalogue: TPE_OPERATIONS,
  mqttSettings: () => makeTopics(DEFAULT_TOPICS),
};

/** Resolves with the manager of the tpe-server with the id `server`. Rejects with CONFLICT if that node is not deployed. */
export async function runningManager(RED: NodeAPI, server: string): Promise<DeviceManager> {
  const node = findServer(RED, server);
  if (node !== null) return await node.getManager();
  throw new TpeError('CONFLICT', 'This TPE server is not deployed yet: deploy first.');
}

/**
 * Resolves with the catalogue and topics of a tpe-server's manager. If the node is not deployed or its manager cannot be opened, resolves
 * with those of the pack, because a person can pick an operation without a database. Never rejects.
 */
export async function knownTo(RED: NodeAPI, server: string): Promise<KnownBefore> {
  const node = findServer(RED, server);
  if (node === null || node.openOptions() === null) return KNOWN_TO_ALL;
  return await node.getManager().catch(() => KNOWN_TO_ALL);
}
