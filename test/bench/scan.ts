import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { packageUrlRule } from '../../nodes/manager/catalogue/package-url.js';
import { migrate } from '../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { createRegistry } from '../../nodes/manager/registry/create-registry.js';
import { httpRepository } from '../../nodes/manager/updates/repository/http-repository.js';
import { openRepository } from '../../nodes/manager/updates/repository/open-repository.js';
import { planUpdates } from '../../nodes/manager/updates/scan/plan.js';
import { createUpdates } from '../../nodes/manager/updates/scan/scanner.js';
import { atMost, type Figure } from './figure.js';

const GATEWAYS = 10_000;
const MODELS = 8;
/** So many are enough to know what one costs. */
const ONE_BY_ONE = 300;

/** Scans a fleet, against asking the repository twice for each gateway as TPEDM does, over real HTTP. */
export async function benchScan(): Promise<Figure[]> {
  let requests = 0;
  const data = Array.from({ length: 40 }, (_, index) => ({
    packageName: `package ${index}`,
    ...{ version: `2.${index}.0`, buildNumber: '1', firmwareVersion: `1.${index}` },
    yamlUrl: 'https://tpe2.thingspro.io/p.yaml',
  }));
  const server = createServer((_request, response) => {
    requests += 1;
    response.end(JSON.stringify({ data }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const folder = mkdtempSync(join(tmpdir(), 'tpedm-bench-'));
  const database = await openDatabase({ kind: 'embedded', folder: join(folder, 'registry') });
  try {
    await migrate(database, { info: () => undefined });
    await database.query(
      `insert into clientid_profile (clientid, model_name, firmware_version, tpe_version)
       select 'gw-' || number, 'UC-' || number % $2, '1.' || number % 7, '2.1.0-1' from generate_series(1, $1) as number`,
      [GATEWAYS, MODELS],
    );
    const perGatewayAlone = await oneByOne(url);
    requests = 0;
    const idle = await loopDelay(() => delay(2000));
    let ms = 0;
    const busy = await loopDelay(async () => {
      const updates = createUpdates({
        database,
        registry: createRegistry(database),
        openRepository: () => openRepository({ kind: 'http', url }),
        packageUrl: packageUrlRule(url, []),
        ...{ instance: 'bench', onScan: () => undefined, onUpdate: () => undefined },
        onFault: (text) => console.error(text),
      });
      const begun = performance.now();
      const { id } = await updates.scan({}, 'bench');
      const scan = await updates.waitForScan(id);
      ms = performance.now() - begun;
      if (scan?.done !== GATEWAYS) throw new Error(`the scan ended early: ${JSON.stringify(scan)}`);
      await updates.close();
    });
    return [
      {
        what: `scan of ${GATEWAYS} gateways of ${MODELS} models: requests`,
        value: requests,
        goal: atMost(16),
      },
      {
        what: 'scan, per gateway, against two requests for each gateway',
        value: perGatewayAlone / (ms / GATEWAYS),
        unit: 'x faster',
      },
      { what: 'longest pause of the process while scanning, against idle', value: busy / idle, unit: 'x' },
      { what: 'longest pause of the process while scanning', value: busy, unit: 'ms', goal: atMost(50) },
    ];
  } finally {
    await database.close();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** ms for one gateway. */
async function oneByOne(url: string): Promise<number> {
  const repository = httpRepository({ kind: 'http', url });
  const { signal } = new AbortController();
  const begun = performance.now();
  for (let index = 0; index < ONE_BY_ONE; index += 1) {
    const model = `UC-${index % MODELS}`;
    const mil = await repository.packages('mil', model, signal);
    const tpe = await repository.packages('tpe', model, signal);
    const runs = { modelName: model, firmwareVersion: `1.${index % 7}`, tpeVersion: '2.1.0-1' };
    planUpdates(runs, mil.packages, tpe.packages, packageUrlRule(url, []));
  }
  const ms = performance.now() - begun;
  repository.close();
  return ms / ONE_BY_ONE;
}

/** The longest time that nothing else could be done, ms. */
async function loopDelay(work: () => Promise<unknown>): Promise<number> {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await work();
  histogram.disable();
  return histogram.max / 1e6;
}
