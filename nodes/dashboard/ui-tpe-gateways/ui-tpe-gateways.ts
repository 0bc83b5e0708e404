import type { Node, NodeAPI, NodeDef } from 'node-red';
import type { DeviceManager, ManagerEvents } from '../../manager/device-manager.js';
import { messageOf } from '../../manager/tpe-error.js';
import { statusLine } from '../../node-red/node-status.js';
import { linkServer } from '../../node-red/server-link.js';
import { browserMessage } from './browser-message.js';
import { createGatewayViews, type GatewayViews, type Viewer } from './gateway-views.js';
import { eventOf, type NodeMessage } from './wire.js';

type Config = NodeDef & { server?: string; group?: string };

/** What is used here of a socket of the dashboard. */
interface DashboardSocket {
  readonly id: string;
  readonly connected: boolean;
  emit(event: string, message: NodeMessage): unknown;
}

/** What is used here of the dashboard's ui-group. */
interface DashboardGroup extends Node {
  register(
    node: Node,
    config: Config,
    hooks: {
      onChange(msg: { _client?: unknown }, value: unknown, socket: DashboardSocket): void;
      onSend(): void;
    },
  ): void;
}

const NO_GROUP = '@tpedm/node-red-dashboard-2-tpedm/ui-tpe-gateways:ui-tpe-gateways.status.noGroup';

export = (RED: NodeAPI) => {
  function UiTpeGateways(this: Node, config: Config) {
    RED.nodes.createNode(this, config);
    const group = RED.nodes.getNode(config.group ?? '') as DashboardGroup | null;
    if (!group) {
      this.status({ fill: 'red', shape: 'ring', text: NO_GROUP });
      return;
    }

    const views = createGatewayViews(() => link.manager());
    const link = linkServer(RED, this, config.server, statusLine(this), (manager) => {
      views.reload();
      return follow(manager, views);
    });
    this.on('close', () => views.close());

    const event = eventOf(this.id);
    const select = async (clientid: string, client: unknown) => {
      try {
        const device = await (await link.manager()).registry.get(clientid);
        if (device) this.send({ topic: clientid, payload: device, ...(client ? { _client: client } : {}) });
      } catch (error) {
        this.error(`The chosen gateway could not be read: ${messageOf(error)}`, { topic: clientid });
      }
    };

    group.register(this, config, {
      // Of the dashboard's channels the one that hands over the socket: an answer goes to who asked and is stored nowhere,
      // whatever the dashboard's settings for client data are.
      onChange: (msg, value, socket) => {
        try {
          const message = browserMessage(value);
          if (message.type === 'page') views.show(viewerOf(socket, event), message);
          else if (message.type === 'select') void select(message.clientid, msg._client);
          else views.leave(socket.id);
        } catch (error) {
          socket.emit(event, { type: 'refused', reqId: null, message: messageOf(error) });
        }
      },
      // Without it the dashboard would store and send on whatever a browser makes up.
      onSend: () => {},
    });
  }

  RED.nodes.registerType('ui-tpe-gateways', UiTpeGateways);
};

function viewerOf(socket: DashboardSocket, event: string): Viewer {
  return {
    id: socket.id,
    get connected() {
      return socket.connected;
    },
    tell: (message) => void socket.emit(event, message),
  };
}

function follow(manager: DeviceManager, views: GatewayViews): () => void {
  const onPresence = ({ clientid }: ManagerEvents['presence'][0]) => views.changed(clientid, 'presence');
  const onDevice = ({ clientid, change }: ManagerEvents['device'][0]) => {
    const isOneRow = clientid !== null && (change === 'updated' || change === 'profile');
    views.changed(clientid, isOneRow ? 'fields' : 'membership');
  };
  manager.events.on('presence', onPresence).on('device', onDevice);
  return () => {
    manager.events.off('presence', onPresence).off('device', onDevice);
  };
}
