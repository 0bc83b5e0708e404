import type { NodeDef } from 'node-red';
import type { DeviceManager, DeviceManagerOptions } from '../../nodes/manager/device-manager.js';
import { makeServerNode, type ServerNode } from '../../nodes/node-red/server/server-node.js';
import type { NodeModule } from './node-red-helper.js';

const OPTIONS: DeviceManagerOptions = {
  database: { kind: 'embedded', folder: 'nowhere' },
  broker: { kind: 'embedded' },
  instance: 'test',
  log: { info: () => undefined, warn: () => undefined },
};

/** The node type tpe-server as it is, but for the manager that it opens. */
export function fakeServer(open: () => Promise<DeviceManager>): NodeModule {
  return (RED) => {
    function Server(this: ServerNode, config: NodeDef) {
      RED.nodes.createNode(this, config);
      makeServerNode(this, () => OPTIONS, open);
    }
    RED.nodes.registerType('tpe-server', Server);
  };
}
