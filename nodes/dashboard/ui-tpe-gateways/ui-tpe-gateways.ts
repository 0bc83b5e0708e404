import type { Node, NodeAPI } from 'node-red';
import { mayAct } from '../../manager/shared/role.js';
import { messageOf } from '../../manager/shared/tpe-error.js';
import { createNode } from '../../node-red/runtime/create-node.js';
import { tellFault } from '../../node-red/runtime/tell-fault.js';
import { nobodyLooks } from '../server/answer-ask.js';
import type { DashboardSocket } from '../server/caller.js';
import type { Change } from '../server/changes.js';
import { openWidget, type WidgetConfig } from '../server/widget-node.js';
import { browserMessage, isOwnMessage } from './browser-message.js';
import { createGatewayViews, type GatewayViews, type Viewer } from './gateway-views.js';
import { eventOf } from './wire.js';

export = (RED: NodeAPI) => {
  function UiTpeGateways(this: Node, config: WidgetConfig) {
    createNode(RED, this, config);
    const event = eventOf(this.id);

    openWidget(RED, this, config, (link) => {
      const views = createGatewayViews(() => link.manager());
      this.on('close', () => views.close());

      const select = async (clientid: string, client: unknown) => {
        try {
          const device = await (await link.manager()).registry.get(clientid);
          if (device) this.send({ topic: clientid, payload: device, ...(client ? { _client: client } : {}) });
        } catch (error) {
          tellFault(this, 'The chosen gateway could not be read', error, { topic: clientid });
        }
      };

      return {
        onOpen: () => views.reload(),
        onChange: (change) => note(change, views),
        // The page of rows goes a way of its own: only the rows that changed are sent again.
        take(value, socket, asker, client) {
          if (!isOwnMessage(value)) return false;
          try {
            const message = browserMessage(value);
            if (message.type === 'leave') views.leave(socket.id);
            else if (!mayAct(asker.role, 'viewer')) throw nobodyLooks();
            else if (message.type === 'page') views.show(viewerOf(socket, event), message);
            // What a flow does with a message is the flow's affair: who may only look starts nothing.
            else if (mayAct(asker.role, 'operator')) void select(message.clientid, client);
          } catch (error) {
            socket.emit(event, { type: 'refused', reqId: null, message: messageOf(error) });
          }
          return true;
        },
      };
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

function note({ kind, clientid, what }: Change, views: GatewayViews): void {
  if (kind === 'presence') views.changed(clientid, 'presence');
  if (kind !== 'device') return;
  const isOneRow = clientid !== null && (what === 'updated' || what === 'profile');
  views.changed(clientid, isOneRow ? 'fields' : 'membership');
}
