import type { Node, NodeAPI } from 'node-red';
import type { DeviceManager, DeviceManagerOptions } from '../../manager/device-manager.js';
import { within } from '../../manager/shared/timeout.js';
import { messageOf } from '../../manager/shared/tpe-error.js';
import type { DashboardAccess } from '../fields/dashboard-access.js';
import { keepManager, type ManagerKeeper, type ManagerState } from './manager-keeper.js';
import type { ServerCredentials } from './options.js';

/** Node-RED gives a closing node 15 s. If a manager needs longer, the node warns and does not wait for it. */
const MAX_CLOSE_MS = 13_000;

/** The interface of the configuration node tpe-server for the nodes that use it. */
export interface ServerNode extends Node<ServerCredentials> {
  /** The roles on a dashboard without the login of this pack; null if that login decides. */
  dashboardAccess?: DashboardAccess | null;
  /**
   * Calls the listener now and after each change of state until the returned function is called. The first call opens the manager, which
   * then stays open until the tpe-server closes.
   */
  join(listener: (state: ManagerState) => void): () => void;
  /** Resolves with the manager, and opens it if that has not happened yet. Rejects as ManagerKeeper.get does. */
  getManager(): Promise<DeviceManager>;
  /** The options of the open manager; null while it is not open. */
  openOptions(): DeviceManagerOptions | null;
}

export type OpenDeviceManager = (options: DeviceManagerOptions) => Promise<DeviceManager>;

/**
 * Adds the methods of a ServerNode to a new node. If `options` throws INVALID_INPUT, the nodes that use the server show the reason.
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

/** Finds the tpe-server with this id in the flows, even if it is disabled and does not run; null if there is none. */
export function findDisabledServer(RED: NodeAPI, id: string | undefined): { name: string } | null {
  let found: { name: string } | null = null;
  // This list of Node-RED includes nodes that it did not start.
  RED.nodes.eachNode((node) => {
    if (node.id === id && node.type === 'tpe-server') found = { name: node.name || node.id };
  });
  return found;
}

/** The running tpe-server with this id; null if there is none or if it is disabled. */
export function findServer(RED: NodeAPI, id: string | undefined): ServerNode | null {
  const node: Node<object> | null = id ? RED.nodes.getNode(id) : null;
  return node && 'getManager' in node ? (node as ServerNode) : null;
}

function tookLonger(): never {
  throw new Error(`it took longer than ${MAX_CLOSE_MS / 1000} s`);
}
