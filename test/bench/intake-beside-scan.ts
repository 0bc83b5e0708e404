import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { migrate } from '../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { startEmqx } from '../support/emqx/index.js';
import { startNodeRed, temporaryFolder } from '../support/node-red-process.js';
import { type RestCaller, restCaller } from '../support/rest-caller.js';
import { newDatabase } from './database.js';
import { atMost, type Figure, median } from './figure.js';
import { API, HOOK, SECRET, webhookEnvironment } from './intake-targets.js';
import { type LoadResult, runLoad } from './load.js';
import { GATEWAYS } from './webhook-bodies.js';

const MODELS = 8;
const CONNECTIONS = 32;
const ROUNDS = 3;
const SECONDS = 3;
const LOOK_EVERY_MS = 20;

interface Round {
  alone: LoadResult;
  beside: LoadResult;
}

/**
 * Webhooks of gateways that connect and leave, while one scan of the fleet follows the other, against the same without a scan, by turns; on
 * both databases.
 */
export async function benchIntakeBesideScan(): Promise<Figure[]> {
  const repository = await openRepository();
  const dataDir = temporaryFolder();
  await fill({ kind: 'embedded', folder: join(dataDir, 'registry') });
  const { options, database } = await newDatabase('beside_scan');
  await database.close();
  await fill(options);
  const embedded = await measure({ TPE_REPO_URL: repository.url }, '', dataDir);
  const postgresql = await measure({ TPE_REPO_URL: repository.url }, options.url, temporaryFolder());
  repository.close();
  return [...figuresOf('embedded', embedded), ...figuresOf('PostgreSQL', postgresql)];
}

function figuresOf(database: string, rounds: readonly Round[]): Figure[] {
  const against = (of: (result: LoadResult) => number) =>
    median(rounds.map(({ alone, beside }) => of(beside) / of(alone)));
  return [
    {
      what: `${database}: webhooks beside scans without a pause, against alone`,
      ...{ value: 100 * against(({ perSecond }) => perSecond), unit: '%' },
    },
    {
      what: `${database}: longest wait of a webhook beside them, against alone`,
      ...{ value: against(({ slowest }) => slowest), unit: 'x', goal: atMost(1.5) },
    },
    {
      what: `${database}: longest wait of a webhook beside them, more than alone`,
      ...{ value: median(rounds.map(({ alone, beside }) => Math.max(0, beside.slowest - alone.slowest))) },
      ...{ unit: 'ms', goal: atMost(50) },
    },
  ];
}

async function openRepository(): Promise<{ url: string; close(): void }> {
  const data = Array.from({ length: 40 }, (_, index) => ({
    packageName: `package ${index}`,
    ...{ version: `2.${index}.0`, buildNumber: '1', firmwareVersion: `1.${index}` },
    yamlUrl: 'https://tpe2.thingspro.io/p.yaml',
  }));
  const server = createServer((_request, response) => response.end(JSON.stringify({ data })));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

async function fill(options: Parameters<typeof openDatabase>[0]): Promise<void> {
  const database = await openDatabase(options);
  await migrate(database, { info: () => undefined });
  await database.query(
    `insert into clientid_profile (clientid, model_name, firmware_version, tpe_version)
     select 'gw-' || number, 'UC-' || number % $2, '1.' || number % 7, '2.1.0-1' from generate_series(1, $1) as number`,
    [GATEWAYS, MODELS],
  );
  await database.close();
}

async function measure(env: NodeJS.ProcessEnv, databaseUrl: string, dataDir: string): Promise<Round[]> {
  const emqx = await startEmqx({ version: '5.8', ...API });
  const nodeRed = await startNodeRed({ dataDir, env: { ...webhookEnvironment(databaseUrl, emqx), ...env } });
  const rest = restCaller(nodeRed);
  await rest.until('/api/device?limit=1', ({ status }) => status === 200);
  const load = (seconds: number) => runLoad([nodeRed.url + HOOK], SECRET, CONNECTIONS, seconds);
  await load(1);
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const alone = await load(SECONDS);
    const stopScans = scanAgainAndAgain(rest);
    const beside = await load(SECONDS);
    await stopScans();
    rounds.push({ alone, beside });
  }
  await nodeRed.stop();
  await emqx.stop();
  return rounds;
}

/** The returned function resolves when the last scan has ended. */
function scanAgainAndAgain(rest: RestCaller): () => Promise<void> {
  let isOver = false;
  const scanning = (async () => {
    while (!isOver) {
      const { status, data } = await rest.call('PUT', '/api/device/checkUpdate', {});
      if (status >= 300) throw new Error(`no scan: ${JSON.stringify(data)}`);
      await rest.until('/api/device/checkUpdate?progress=true', (reply) => reply.data.state !== 'RUNNING');
      await delay(LOOK_EVERY_MS);
    }
  })();
  return async () => {
    isOver = true;
    await scanning;
  };
}
