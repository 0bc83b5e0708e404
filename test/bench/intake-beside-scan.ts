import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { migrate } from '../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import type { DeviceManager } from '../../nodes/manager/device-manager.js';
import { recordedWebhook } from '../support/emqx-recordings.js';
import { openWebhookManager } from '../support/webhook-manager.js';
import type { BenchLine } from './bench.js';

const GATEWAYS = 10_000;
const MODELS = 8;
const CONNECTIONS = 32;
const MEASURED_MS = 4000;

/**
 * Webhooks of gateways that connect and leave, taken durably over 32 connections while one scan of the fleet follows the
 * other, against the same without a scan. All in one process: registry, scan, repository and the webhooks.
 */
export async function benchIntakeBesideScan(): Promise<BenchLine[]> {
  const data = Array.from({ length: 40 }, (_, index) => ({
    packageName: `package ${index}`,
    ...{ version: `2.${index}.0`, buildNumber: '1', firmwareVersion: `1.${index}` },
    yamlUrl: 'https://tpe2.thingspro.io/p.yaml',
  }));
  const server = createServer((_request, response) => response.end(JSON.stringify({ data })));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const folder = mkdtempSync(join(tmpdir(), 'tpedm-bench-'));
  const options = { kind: 'embedded', folder: join(folder, 'registry') } as const;
  await fill(options);
  const { manager, close } = await openWebhookManager(options, { repository: { kind: 'http', url } });
  try {
    await intake(manager, MEASURED_MS / 4);
    const alone = await intake(manager, MEASURED_MS);
    let isOver = false;
    let scans = 0;
    const scanning = (async () => {
      while (!isOver) {
        const { id } = await manager.updates.scan({}, 'bench');
        await manager.updates.waitForScan(id);
        scans += 1;
      }
    })();
    const beside = await intake(manager, MEASURED_MS);
    isOver = true;
    await scanning;
    return [
      {
        what: `webhook intake beside ${scans} scans without a pause, against intake alone`,
        value: (100 * beside.perSecond) / alone.perSecond,
        unit: '%',
      },
      {
        what: 'longest wait of a webhook beside them, against alone',
        value: beside.longest / alone.longest,
        unit: 'x',
      },
    ];
  } finally {
    await close();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fill(options: { kind: 'embedded'; folder: string }): Promise<void> {
  const database = await openDatabase(options);
  await migrate(database, { info: () => undefined });
  await database.query(
    `insert into clientid_profile (clientid, model_name, firmware_version, tpe_version)
     select 'gw-' || number, 'UC-' || number % $2, '1.' || number % 7, '2.1.0-1' from generate_series(1, $1) as number`,
    [GATEWAYS, MODELS],
  );
  await database.close();
}

async function intake(manager: DeviceManager, ms: number): Promise<{ perSecond: number; longest: number }> {
  const connected = JSON.parse(recordedWebhook('4.4.19', 'client_connected').body_raw) as object;
  const begun = performance.now();
  let taken = 0;
  let longest = 0;
  const connection = async (number: number) => {
    for (let turn = number; performance.now() - begun < ms; turn += CONNECTIONS) {
      const sentAt = performance.now();
      await manager.takeWebhook({
        ...connected,
        clientid: `gw-${1 + (turn % GATEWAYS)}`,
        connected_at: Date.now(),
      });
      longest = Math.max(longest, performance.now() - sentAt);
      taken += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, number) => connection(number)));
  return { perSecond: (1000 * taken) / (performance.now() - begun), longest };
}
