import type { Node, NodeAPI } from 'node-red';
import type { DeviceManager, DeviceManagerOptions } from '../../manager/device-manager.js';
import { within } from '../../manager/shared/timeout.js';
import { messageOf } from '../../manager/shared/tpe-error.js';
import type { DashboardAccess } from '../fields/dashboard-access.js';
import { keepManager, type ManagerKeeper, type ManagerState } from './manager-keeper.js';
import type { ServerCredentials } from './options.js';

/** Node-RED gives a closing node 15 s; a manager that needs longer is left behind with a warning. */
const MAX_CLOSE_MS = 13_000;

/** The interface of the configuration node tpe-server for the nodes that use it. */
export interface ServerNode extends Node<ServerCredentials> {
  /** The roles on a dashboard without our login; null: our login decides. */
  dashboardAccess?: DashboardAccess | null;
  /**
   * Joins: the manager is opened for the first to join, and stays until tpe-server itself is closed.
   * The listener is called now and with each change. The returned function leaves.
   */
  join(listener: (state: ManagerState) => void): () => void;
  /** Joins nothing, but opens the manager where nobody did. Rejects as ManagerKeeper.get does. */
  getManager(): Promise<DeviceManager>;
  /** What the manager is open with; null while it is not open. */
  openOptions(): DeviceManagerOptions | null;
}

export type OpenDeviceManager = (options: DeviceManagerOptions) => Promise<DeviceManager>;

/**
 * Makes a node that was just created a ServerNode. `options` may throw INVALID_INPUT; users then see why.
 */
export function makeServerNode(
  node: ServerNode,
  options: () => DeviceManagerOptions,
  openDeviceManager: OpenDeviceManager,
): void {
  let keeper: ManagerKeeper | null = null;
  const keep = () => {
    keeper ??= keepManager({
      open: async () => openDeviceManager(options()),
      log: { info: (text) => node.log(text), warn: (text) => node.warn(text) },
    });
    return keeper;
  };

  Object.assign(node, {
    openOptions: () => (keeper?.state().phase === 'open' ? options() : null),
    join: (listener: (state: ManagerState) => void) => keep().follow(listener),
    getManager: () => keep().get(),
  } satisfies Pick<ServerNode, 'join' | 'getManager' | 'openOptions'>);

  node.on('close', (_removed: boolean, done: () => void) => {
    if (!keeper) return done();
    within(MAX_CLOSE_MS, keeper.close(), tookLonger).then(done, (error: unknown) => {
      node.warn(`The device manager did not close cleanly: ${messageOf(error)}`);
      done();
    });
  });
}

/** What stands in the flows of a tpe-server that is not running because somebody disabled it; null where there is none. */
export function findDisabledServer(RED: NodeAPI, id: string | undefined): { name: string } | null {
  let found: { name: string } | null = null;
  // Node-RED's own list has also those that it did not start.
  RED.nodes.eachNode((node) => {
    if (node.id === id && node.type === 'tpe-server') found = { name: node.name || node.id };
  });
  return found;
}

/** The tpe-server with this id; null when there is none, or when it is disabled. */
export function findServer(RED: NodeAPI, id: string | undefined): ServerNode | null {
  const node: Node<object> | null = id ? RED.nodes.getNode(id) : null;
  return node && 'getManager' in node ? (node as ServerNode) : null;
}

function tookLonger(): never {
  throw new Error(`it took longer than ${MAX_CLOSE_MS / 1000} s`);
}
