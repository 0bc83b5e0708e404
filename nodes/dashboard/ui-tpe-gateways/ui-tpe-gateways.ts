import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { prefixed } from '../../manager/shared/tpe-error.js';
import { createNode } from '../../node-red/runtime/create-node.js';
import type { ServerLink } from '../../node-red/server/server-link.js';
import { openWidget, type WidgetConfig } from '../server/widget-node.js';

export = (RED: NodeAPI) => {
  function UiTpeGateways(this: Node, config: WidgetConfig) {
    createNode(RED, this, config);
    openWidget(RED, this, config, chosenGateway);
  }

  RED.nodes.registerType('ui-tpe-gateways', UiTpeGateways);
};

/** Makes the message for the chosen row. The gateway comes from the registry, because the browser could send anything. */
async function chosenGateway(
  { topic }: Record<string, unknown>,
  link: ServerLink,
  client: unknown,
): Promise<NodeMessage | null> {
  if (typeof topic !== 'string' || topic === '') return null;
  try {
    const payload = await (await link.manager()).registry.get(topic);
    return payload && { topic, payload, ...(client ? { _client: client } : {}) };
  } catch (error) {
    throw prefixed('The chosen gateway could not be read', error);
  }
}
