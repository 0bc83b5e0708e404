import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { startEmqx } from '../support/emqx/index.js';
import { freePort } from '../support/free-port.js';
import { metricsOf, sumOf } from '../support/metrics.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { restCaller } from '../support/rest-caller.js';
import { newDatabase } from './database.js';
import { atMost, type Figure, median } from './figure.js';
import { API, HOOK, SECRET, webhookEnvironment } from './intake-targets.js';

const GATEWAYS = 5000;
const ROUNDS = 2;
/** As many as come through EMQX's own door in a second. */
const CONNECTS_PER_SECOND = 2000;
const LOOK_EVERY_MS = 100;

/**
 * Gateways that all come back through EMQX (its stand-in, with as many events under way as our configuration of EMQX allows): how
 * long after the last connect all count as online. The stand-in runs in this process, and Node-RED in one of its own.
 */
export async function benchStorm(): Promise<Figure[]> {
  const { options, database } = await newDatabase('storm');
  await database.query(
    `insert into clientid_profile (clientid) select 'gw-' || number from generate_series(1, $1) as number`,
    [GATEWAYS],
  );
  await database.query('analyze clientid_profile');
  await database.close();
  const port = await freePort();
  const webhook = { url: `http://127.0.0.1:${port}${HOOK}`, secret: SECRET, payloads: 'base64' } as const;
  const emqx = await startEmqx({ version: '5.8', ...API, webhook });
  const nodeRed = await startNodeRed({
    env: { ...webhookEnvironment(options.url, emqx), PORT: String(port) },
  });
  const rest = restCaller(nodeRed);
  await rest.until('/api/device?limit=1', ({ status }) => status === 200);
  const clientids = Array.from({ length: GATEWAYS }, (_, index) => `gw-${index + 1}`);
  const until = async (count: number) => {
    while ((await onlineIn(nodeRed)) !== count) await delay(LOOK_EVERY_MS);
  };
  const right: number[] = [];
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const begun = performance.now();
    await emqx.addClients(clientids, { perSecond: CONNECTS_PER_SECOND });
    const connected = performance.now();
    await until(GATEWAYS);
    right.push((performance.now() - connected) / 1000);
    taken.push(GATEWAYS / ((performance.now() - begun) / 1000));
    await emqx.removeClients(clientids);
    await until(0);
  }
  await nodeRed.stop();
  await emqx.stop();
  return [
    {
      what: `${GATEWAYS} gateways reconnect, ${CONNECTS_PER_SECOND} in a second: right after the last one's connect`,
      ...{ value: median(right), unit: 's', goal: atMost(1) },
    },
    { what: 'events taken from EMQX meanwhile', value: median(taken), unit: '/s' },
  ];
}

/** How many gateways are online by its own account. */
export async function onlineIn(nodeRed: NodeRedProcess): Promise<number> {
  return sumOf(await metricsOf(nodeRed), 'tpedm_gateways', 'status="online"');
}
