import type { Node, NodeAPI, NodeDef, NodeStatus } from 'node-red';
import type { DeviceManager, DeviceManagerOptions, ManagerHealth } from '../../manager/device-manager.js';
import { TpeError } from '../../manager/shared/tpe-error.js';
import { type DashboardAccess, LOOK_ONLY } from '../fields/dashboard-access.js';
import { faultOfNode } from '../runtime/check-fields.js';
import { faultStatusText, type StatusLine, sharedText, shortText } from '../runtime/node-status.js';
import type { ManagerState } from './manager-keeper.js';
import { findDisabledServer, findServer } from './server-node.js';

/** A node's tie to its tpe-server. */
export interface ServerLink {
  /** The manager; rejects while it is not open, saying why, and when the node has no server or a field that is faulty. */
  manager(): Promise<DeviceManager>;
  /** The roles on a dashboard without our login; null: our login decides. */
  access: DashboardAccess | null;
  /** The fault of the node's fields; null: none. */
  fault: TpeError | null;
}

/**
 * Ties a node to the tpe-server it names: its health becomes the node's status, and `onOpen` is called once with
 * the manager, and what it was opened with, when it is open, never before this function has returned. What `onOpen` returns
 * is called when the node closes. A node whose fields hold what they must not does nothing at all, and says why.
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
    // A server may be open already: the node is made first, and told then.
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
  return new TpeError('UNAVAILABLE', 'The node has no TPE server: open the node and choose or add one.');
}

function serverDisabled(name: string): TpeError {
  return new TpeError(
    'UNAVAILABLE',
    `The TPE server ${JSON.stringify(name)} is disabled: enable it (its own dialog, or the flow that it is in) and deploy, or choose another one.`,
  );
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
