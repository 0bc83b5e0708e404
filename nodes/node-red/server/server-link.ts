import type { Node, NodeAPI, NodeDef, NodeStatus } from 'node-red';
import type { DeviceManager, DeviceManagerOptions, ManagerHealth } from '../../manager/device-manager.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { type DashboardAccess, LOOK_ONLY } from '../fields/dashboard-access.js';
import { faultOfNode } from '../runtime/check-fields.js';
import { faultStatusText, type StatusLine, sharedText, shortText } from '../runtime/node-status.js';
import type { ManagerState } from './manager-keeper.js';
import { findDisabledServer, findServer } from './server-node.js';
import { serverReason } from './server-reasons.js';

/** The connection of a node to its tpe-server. */
export interface ServerLink {
  /** Resolves with the manager. Rejects with the reason while it is not open, or if the node has no server or a faulty field. */
  manager(): Promise<DeviceManager>;
  /** The roles on a dashboard without the login of this pack; null if that login decides. */
  access: DashboardAccess | null;
  /** The fault of the node's fields; null if there is none. */
  fault: TpeError | null;
}

/**
 * Connects a node to the tpe-server in its configuration. The health of the server becomes the node's status. When the manager is open,
 * calls `onOpen` once with the manager and its options, but never before this function has returned. The function that `onOpen` returns
 * is called when the node closes. A node with a faulty field is not connected; it reports the fault.
 */
export function linkServer(
  RED: NodeAPI,
  node: Node,
  config: NodeDef & { server?: string },
  status: StatusLine,
  onOpen: (manager: DeviceManager, options: DeviceManagerOptions) => () => void = () => () => {},
): ServerLink {
  const fault = faultOfNode(RED, node.type, { ...config });
  const refuse = (error: TpeError, text: string): ServerLink => {
    status.connection({ fill: 'red', shape: 'ring', text }, false);
    return { manager: () => Promise.reject(error), access: LOOK_ONLY, fault };
  };

  if (fault !== null) {
    node.error(fault);
    return refuse(fault, faultStatusText(node.type, fault));
  }
  const server = findServer(RED, config.server);
  if (!server) {
    const disabled = findDisabledServer(RED, config.server);
    return disabled === null
      ? refuse(noServer(), sharedText('noServer'))
      : refuse(serverDisabled(disabled.name), sharedText('serverDisabled'));
  }

  let isClosed = false;
  let release: (() => void) | null = null;
  const leave = server.join((state) => {
    status.connection(...statusOf(state));
    const options = server.openOptions();
    if (state.phase !== 'open' || !options) return;
    const { manager } = state;
    // The server may already be open. The microtask lets the constructor of the node finish first.
    queueMicrotask(() => {
      if (!isClosed) release ??= onOpen(manager, options);
    });
  });

  node.on('close', () => {
    isClosed = true;
    leave();
    release?.();
  });
  const { dashboardAccess = LOOK_ONLY } = server;
  return { manager: () => server.getManager(), access: dashboardAccess, fault };
}

function noServer(): TpeError {
  return new TpeError('UNAVAILABLE', serverReason('no-server-chosen'));
}

function serverDisabled(name: string): TpeError {
  return new TpeError('UNAVAILABLE', serverReason('server-disabled', { name }));
}

function statusOf(state: ManagerState): [NodeStatus, boolean] {
  switch (state.phase) {
    case 'opening':
      return [{ fill: 'yellow', shape: 'ring', text: sharedText('connecting') }, false];
    case 'retrying':
      return [{ fill: 'yellow', shape: 'ring', text: shortText(state.error.message) }, false];
    case 'failed':
      return [{ fill: 'red', shape: 'ring', text: shortText(state.error.message) }, false];
    case 'closed':
      return [{ fill: 'grey', shape: 'ring', text: sharedText('closed') }, false];
    case 'open':
      return statusOfHealth(state.health);
  }
}

function statusOfHealth(health: ManagerHealth): [NodeStatus, boolean] {
  const broken = [health.database, health.broker].find((part) => !part.connected);
  if (broken) return [{ fill: 'red', shape: 'ring', text: shortText(broken.detail) }, false];
  return [{ fill: 'green', shape: 'dot', text: sharedText('connected') }, true];
}
