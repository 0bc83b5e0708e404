import { performance } from 'node:perf_hooks';
import { openDeviceManager } from '../../nodes/manager/composition/open-device-manager.js';
import type { DatabaseOptions } from '../../nodes/manager/database/options.js';
import type { DeviceManager } from '../../nodes/manager/device-manager.js';
import { createRegistry } from '../../nodes/manager/registry/create-registry.js';
import { startEmqx } from '../support/emqx/index.js';
import { heapInUse } from '../support/heap.js';
import { newDatabase } from './database.js';
import { atMost, type Figure } from './figure.js';
import { fill } from './lists.js';

const MANY = 100_000;
const IMPORTED = 10_000;
const API = { apiKey: 'key', apiSecret: 'secret' };

/** An import of 10,000, what idle gateways cost in memory, and how long a start with 100,000 takes. */
export async function benchFleet(): Promise<Figure[]> {
  return [...(await benchImport()), ...(await benchStart())];
}

async function benchImport(): Promise<Figure[]> {
  const { database } = await newDatabase('import');
  const rows = Array.from({ length: IMPORTED }, (_, index) => `gw-${index},Plant ${index % 20},"a;b"`);
  const csv = `clientid,site,tags\n${rows.join('\n')}\n`;
  const begun = performance.now();
  const { registered } = await createRegistry(database).import(csv, 'csv');
  const ms = performance.now() - begun;
  if (registered !== IMPORTED) throw new Error(`imported ${registered}`);
  const one = performance.now();
  const registry = createRegistry(database);
  for (let index = 0; index < 200; index += 1) await registry.register({ clientid: `single-${index}` });
  const each = (performance.now() - one) / 200;
  await database.close();
  return [
    { what: `import of ${IMPORTED} gateways, each with a generated password`, value: ms / 1000, unit: 's' },
    {
      what: 'import, per gateway, against registering one by one',
      value: each / (ms / IMPORTED),
      unit: 'x faster',
    },
  ];
}

async function benchStart(): Promise<Figure[]> {
  const { options: empty, database: none } = await newDatabase('start_empty');
  await none.close();
  const { options: full, database } = await newDatabase('start_full');
  await fill(database, MANY);
  await database.close();
  // As fill leaves them.
  const online = Array.from({ length: MANY / 2 }, (_, index) => `gw-${2 * (index + 1)}`);
  await timeStart(empty, []);
  const alone = await timeStart(empty, []);
  const many = await timeStart(full, online);
  const entries = mapEntryBytes();
  return [
    {
      what: `start with ${MANY} gateways, half of them online, until webhooks are taken`,
      value: many.ms / 1000,
      unit: 's',
    },
    { what: 'start with them, against a start with none', value: many.ms / alone.ms, unit: 'x' },
    {
      what: 'memory for each of the idle gateways',
      value: Math.max(0, (many.heap - alone.heap) / MANY),
      unit: 'bytes',
      // An entry of a Map.
      goal: atMost(Math.round(entries)),
    },
  ];
}

/** From opening until webhooks are taken; heap after the first comparison with the broker's list, which has these. */
async function timeStart(
  options: DatabaseOptions,
  online: readonly string[],
): Promise<{ ms: number; heap: number }> {
  const emqx = await startEmqx({ version: '5.8', ...API });
  await emqx.addClients(online);
  const before = heapInUse();
  const begun = performance.now();
  const manager = await openDeviceManager({
    database: options,
    broker: { kind: 'emqx', apiUrl: emqx.apiUrl, ...API, events: 'webhook' },
    instance: 'bench',
    log: { info: () => undefined, warn: () => undefined },
  });
  const ms = performance.now() - begun;
  await firstCheck(manager);
  const heap = heapInUse() - before;
  if (manager.health().presence.corrected > 0) throw new Error('what was measured is not a mere start');
  await manager.close();
  await emqx.stop();
  return { ms, heap };
}

function firstCheck(manager: DeviceManager): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (manager.health().presence.checkedAt === null) return;
      manager.events.off('health', look);
      resolve();
    };
    manager.events.on('health', look);
    look();
  });
}

function mapEntryBytes(): number {
  const before = heapInUse();
  const map = new Map(Array.from({ length: MANY }, (_, index) => [`gw-${index}`, index]));
  const bytes = (heapInUse() - before) / MANY;
  if (map.size !== MANY) throw new Error('no map');
  return bytes;
}
