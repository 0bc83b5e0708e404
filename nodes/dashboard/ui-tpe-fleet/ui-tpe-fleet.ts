import type { Node, NodeAPI } from 'node-red';
import { openWidget, type WidgetConfig } from '../widget-node.js';

export = (RED: NodeAPI) => {
  function UiTpeFleet(this: Node, config: WidgetConfig) {
    RED.nodes.createNode(this, config);
    openWidget(RED, this, config);
  }

  RED.nodes.registerType('ui-tpe-fleet', UiTpeFleet);
};
