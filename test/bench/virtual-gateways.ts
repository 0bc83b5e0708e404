import { setTimeout as delay } from 'node:timers/promises';
import { openDeviceManager } from '../../nodes/manager/composition/open-device-manager.js';
import { enrollVirtualGateways } from '../../nodes/manager/gateway-simulator/enroll.js';
import { virtualIdentities } from '../../nodes/manager/gateway-simulator/identity.js';
import { startSimulator } from '../../nodes/manager/gateway-simulator/simulator.js';
import { freePort } from '../support/free-port.js';
import { temporaryFolder } from '../support/node-red-process.js';
import { below, type Figure } from './figure.js';

const GATEWAYS = 1000;
const LOOK_EVERY_MS = 100;

/** How long a thousand virtual gateways take to be there, with the database and the broker inside. */
export async function benchVirtualGateways(): Promise<Figure[]> {
  const port = await freePort();
  const manager = await openDeviceManager({
    database: { kind: 'embedded', folder: temporaryFolder() },
    broker: { kind: 'embedded', port },
    instance: 'bench',
    log: { info: () => undefined, warn: () => undefined },
  });
  const begun = performance.now();
  const { gateways } = await enrollVirtualGateways(manager.registry, virtualIdentities(GATEWAYS));
  const enrolled = performance.now();
  const simulator = startSimulator({
    url: `mqtt://127.0.0.1:${port}`,
    gateways,
    inputTopic: '/tpedm/{clientid}/input',
    outputTopic: '/tpedm/{clientid}/output',
  });
  while ((await manager.registry.counts()).online < GATEWAYS) await delay(LOOK_EVERY_MS);
  const online = performance.now();
  await simulator.stop();
  await manager.close();
  return [
    {
      what: `register ${GATEWAYS} virtual gateways, all embedded`,
      value: (enrolled - begun) / 1000,
      unit: 's',
    },
    {
      what: `register and connect ${GATEWAYS} virtual gateways, all embedded`,
      value: (online - begun) / 1000,
      unit: 's',
      goal: below(20),
    },
  ];
}
