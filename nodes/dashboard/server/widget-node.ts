import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import type { Caller } from '../../api/caller.js';
import { subscribeToChanges } from '../../api/changes.js';
import { PROCEDURES } from '../../api/procedures/index.js';
import { asTpeError, TpeError } from '../../manager/shared/tpe-error.js';
import { markOwnWidget } from '../../node-red/login/own-widgets.js';
import { newerFormError } from '../../node-red/runtime/check-fields.js';
import { createNode } from '../../node-red/runtime/create-node.js';
import { accessStatus, faultStatusText, sharedText, statusLine } from '../../node-red/runtime/node-status.js';
import { linkServer, type ServerLink } from '../../node-red/server/server-link.js';
import { eventOf } from '../wire/widget-event.js';
import { callerOf, type DashboardSocket, type OpenDashboard } from './caller.js';
import { dashboardUser } from './dashboard-user.js';
import { isTooOld, LEAST_DASHBOARD, loadedDashboard } from './dashboard-version.js';
import { createLoadLimits } from './load-limits.js';
import { openRpcServer, type RpcServer } from './rpc-server.js';

const OLD_DASHBOARD = { fill: 'red', shape: 'ring', text: sharedText('oldDashboard') } as const;
const UPDATE = `update @flowfuse/node-red-dashboard to ${LEAST_DASHBOARD} or newer.`;

/** The part of the dashboard's ui-group and ui-base that is used here. */
interface DashboardPlace extends Node {
  register(...given: unknown[]): void;
}

/** The fields of a widget's node that are used here. */
export interface WidgetConfig extends NodeDef {
  server?: string;
  /** The group that contains the widget. */
  group?: string;
  /** The dashboard, if the widget is on all pages. Used if `group` is empty. */
  ui?: string;
}

/**
 * Makes the message that the node sends when a browser sends `told`; null sends nothing. `client` is the dashboard's description of the
 * browser. If the promise rejects, the error becomes an error of the node.
 */
export type MakeMessage = (
  told: Record<string, unknown>,
  link: ServerLink,
  client: unknown,
) => Promise<NodeMessage | null>;

/**
 * Turns a new node into a widget of the dashboard. It answers calls of browsers, and sends their messages to the flow: as they are, or as
 * `makeMessage` makes them. Messages that arrive at the node go to the browsers that show the widget.
 */
export function openWidget(
  RED: NodeAPI,
  node: Node,
  config: WidgetConfig,
  makeMessage: MakeMessage | null = null,
): void {
  const newer = newerFormError(node.type, { ...config });
  if (newer !== null) {
    node.status({ fill: 'red', shape: 'ring', text: faultStatusText(node.type, newer) });
    return node.error(newer);
  }
  const place = RED.nodes.getNode(config.group || config.ui || '') as DashboardPlace | null;
  if (!place) {
    node.status({ fill: 'red', shape: 'ring', text: sharedText('noGroup') });
    return;
  }
  const version = loadedDashboard();
  if (isTooOld(version)) {
    node.status(OLD_DASHBOARD);
    return node.error(
      new TpeError(
        'UNAVAILABLE',
        `Dashboard 2 is ${version}, which does not tell a widget who asks: ${UPDATE}`,
      ),
    );
  }
  const status = statusLine(node);
  let isTold = false;
  const link = linkServer(RED, node, config, status, (manager) => {
    if (open !== null) status.activity(accessStatus(open.access));
    rpcServer.again();
    return subscribeToChanges(manager, rpcServer.changed);
  });
  const open: OpenDashboard | null = link.access && {
    access: link.access,
    userOf: (socket) => dashboardUser(RED, socket),
  };
  const rpcServer: RpcServer = openRpcServer({
    procedures: PROCEDURES_BY_NAME,
    manager: () => link.manager(),
    callerOf: (socket) => callerOf(socket, open),
    limits: LIMITS,
    event: eventOf(node.id),
    onEmit(told, caller, client) {
      if (makeMessage === null) return node.send(toldMessage(told, caller));
      makeMessage(told, link, client).then(
        (message) => message && node.send(message),
        (error: unknown) => node.error(asTpeError(error), { topic: told.topic } as never),
      );
    },
    onFault: (error) => node.error(error),
  });
  const unmark = markOwnWidget(node.id, rpcServer.refuse);
  node.on('close', () => {
    unmark();
    rpcServer.close();
  });

  /** Handles a message without a socket: no browser can be answered, and the rights of the caller are unknown. */
  const takeUnknown = () => {
    status.activity(OLD_DASHBOARD);
    if (!isTold)
      node.error(new TpeError('UNAVAILABLE', `Dashboard 2 does not tell a widget who asks: ${UPDATE}`));
    isTold = true;
  };

  const events = {
    // This is the only channel of the dashboard that provides the socket. With it, an answer goes only to the caller and is not stored,
    // whatever the dashboard's settings for client data are.
    onChange: (msg: { _client?: unknown }, value: unknown, socket?: DashboardSocket) => {
      if (typeof socket?.emit !== 'function') return takeUnknown();
      rpcServer.take(value, socket, msg._client);
    },
    // Without this handler the dashboard would store and forward any message that a browser invents.
    onSend: () => {},
    // Stores nothing: a message reaches only the browsers that are open now.
    onInput: () => {},
  };
  if (config.group) place.register(node, config, events);
  else place.register(null, null, node, config, events);
}

/** Returns the node module of a widget that only answers calls. */
export function widgetModule(type: string): (RED: NodeAPI) => void {
  return (RED) => {
    function Widget(this: Node, config: WidgetConfig) {
      createNode(RED, this, config);
      openWidget(RED, this, config);
    }

    RED.nodes.registerType(type, Widget);
  };
}

/** Shared by all widgets, because one person has several of them open. */
const LIMITS = createLoadLimits();
const PROCEDURES_BY_NAME = new Map(Object.entries(PROCEDURES));

/** Keeps only the documented fields of a browser's message, and adds the name of the caller. */
function toldMessage({ topic, payload }: Record<string, unknown>, caller: Caller): NodeMessage {
  const told: NodeMessage & { tpe: object } = { payload, tpe: { user: caller.name } };
  return typeof topic === 'string' ? { ...told, topic } : told;
}
