/** A variable of the environment, as Node-RED reads it in the field of a node. */
const variable = (name: string) => `\${${name}}`;

/**
 * Nodes of a flow that serve REST from tpe-server itself, with virtual gateways: TPE_SIMULATED_GATEWAYS says how many. `path` is where,
 * `/api` where it is left out.
 */
export function restFlow(path = '/api'): object[] {
  const server = { id: 'rest-server', type: 'tpe-server', name: 'REST', version: 1 };
  return [
    {
      ...{ ...server, registry: 'auto', broker: 'auto', host: '127.0.0.1' },
      ...{ port: variable('TPE_MQTT_PORT'), rest: 'on', restPath: path },
    },
    { id: 'rest-tab', type: 'tab', label: 'REST' },
    {
      ...{ id: 'rest-sim', type: 'tpe-simulator', z: 'rest-tab', server: server.id, version: 1 },
      ...{ count: variable('TPE_SIMULATED_GATEWAYS'), x: 100, y: 100, wires: [[]] },
    },
  ];
}
