import { join } from 'node:path';
import type { Database } from '../../nodes/manager/database/database.js';
import { type Emqx, startEmqx } from '../support/emqx/index.js';
import { freePort } from '../support/free-port.js';
import { metricsOf, sumOf } from '../support/metrics.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { restCaller } from '../support/rest-caller.js';
import type { BenchLine } from './bench.js';
import { newDatabase } from './database.js';
import { runLoad, startScript } from './load.js';
import { STOCK_FLOW } from './stock-flow.js';
import { GATEWAYS } from './webhook-bodies.js';
import type { LoadResult } from './webhook-load.js';

const API = { apiKey: 'key', apiSecret: 'secret of the API' };
const SECRET = 'secret-of-the-webhooks';
const HOOK = '/api/emqx/hook';
const SECONDS = 4;
const CONNECTIONS = [32, 128];
const WORKER = { TPE_FLOW: 'intake-worker', TPE_EDITOR: 'off' };
const MAX_WORKERS = 3;

/** A PostgreSQL that waits for its disk, with 10,000 gateways each of which has a command in flight. */
interface Fleet {
  url: string;
  database: Database;
  emqx: Emqx;
}

let fleets = 0;

async function openFleet(): Promise<Fleet> {
  fleets += 1;
  const { options, database } = await newDatabase(`bench_${fleets}`);
  await database.query(
    `insert into clientid_profile (clientid) select 'gw-' || number from generate_series(1, $1) as number`,
    [GATEWAYS],
  );
  await database.query(
    `insert into tpe_command (request_id, clientid, method, path, request_body, state, when_offline, timeout_ms, expires_at,
       requested_by, instance, created_at, sent_at)
     select number, 'gw-' || number, 'GET', '/device/time', '{}', 'SENT', 'fail', 3600000, now() + interval '1 hour', 'bench',
       'bench', now(), now() from generate_series(1, $1) as number`,
    [GATEWAYS],
  );
  await database.query("select setval('tpe_request_id', 1000000)");
  // Whose commands they are lives: nobody takes them over.
  await database.query("insert into tpe_instance values ('bench', now() + interval '1 hour')");
  await database.query('analyze');
  const emqx = await startEmqx({ version: '5.8', ...API });
  return { url: options.url, database, emqx };
}

async function closeFleet({ database, emqx }: Fleet): Promise<void> {
  await emqx.stop();
  await database.close();
}

const environmentOf = ({ url, emqx }: Fleet): NodeJS.ProcessEnv => ({
  DATABASE_URL: url,
  TPE_BROKER: 'emqx',
  EMQX_API_URL: emqx.apiUrl,
  EMQX_API_KEY: API.apiKey,
  EMQX_API_SECRET: API.apiSecret,
  TPE_WEBHOOK_SECRET: SECRET,
});

async function startOurs(fleet: Fleet, env: NodeJS.ProcessEnv = {}): Promise<NodeRedProcess> {
  const nodeRed = await startNodeRed({ env: { ...environmentOf(fleet), ...env } });
  const path = env.TPE_FLOW === undefined ? '/api/device?limit=1' : '/api/worker';
  await restCaller(nodeRed).until(path, ({ status }) => status === 200);
  return nodeRed;
}

/** What takes the webhooks, opened on a fleet of its own. */
type Target = (fleet: Fleet) => Promise<{
  urls: string[];
  close(): Promise<unknown>;
  /** Throws where something took effect twice. */
  check?(): Promise<void>;
}>;

const ours: Target = async (fleet) => {
  const nodeRed = await startOurs(fleet);
  return { urls: [nodeRed.url + HOOK], close: nodeRed.stop };
};
const bare =
  (mode: 'batched' | 'single' | 'manager'): Target =>
  async (fleet) => {
    const port = await freePort();
    const close = await startScript('bare-intake.js', {
      ...environmentOf(fleet),
      MODE: mode,
      PORT: String(port),
    });
    return { urls: [`http://127.0.0.1:${port}${HOOK}`], close };
  };
const stock: Target = async ({ url }) => {
  const nodeRed = await startNodeRed({
    env: { DATABASE_URL: url },
    flow: STOCK_FLOW,
    settings: join(__dirname, 'stock-settings.js'),
  });
  return { urls: [nodeRed.url + HOOK], close: nodeRed.stop };
};
const workers =
  (count: number): Target =>
  async (fleet) => {
    const all = await Promise.all(Array.from({ length: count }, () => startOurs(fleet, WORKER)));
    return {
      urls: all.map(({ url }) => url + HOOK),
      close: () => Promise.all(all.map(({ stop }) => stop())),
      async check() {
        const taken = (await Promise.all(all.map(answersTaken))).reduce((sum, one) => sum + one, 0);
        const ended = await fleet.database.query("select from tpe_command where state = 'SUCCEEDED'");
        if (taken !== ended.length)
          throw new Error(`${taken} answers took effect on ${ended.length} commands`);
      },
    };
  };

/** How many answers of gateways ended a command by this one. */
async function answersTaken(nodeRed: NodeRedProcess): Promise<number> {
  return sumOf(await metricsOf(nodeRed), 'tpedm_messages_total', 'kind="answer"');
}

async function measure(target: Target, connections: readonly number[]): Promise<Map<number, LoadResult>> {
  const fleet = await openFleet();
  const { urls, close, check } = await target(fleet);
  await runLoad(urls, SECRET, 32, 1);
  const results = new Map<number, LoadResult>();
  for (const count of connections) results.set(count, await runLoad(urls, SECRET, count, SECONDS));
  await check?.();
  await close();
  await closeFleet(fleet);
  return results;
}

/**
 * Webhooks that are in PostgreSQL when they are answered: against a bare server with the same statements, against one
 * statement each, against a flow of stock nodes, and against the same device manager without a Node-RED.
 */
export async function benchWebhookIntake(): Promise<BenchLine[]> {
  const own = await measure(ours, CONNECTIONS);
  const batched = await measure(bare('batched'), CONNECTIONS);
  const single = await measure(bare('single'), CONNECTIONS);
  const manager = await measure(bare('manager'), CONNECTIONS);
  const flow = await measure(stock, CONNECTIONS);
  return CONNECTIONS.flatMap((count): BenchLine[] => {
    const [a, b, c, d, e] = [own, batched, single, flow, manager].map((results) => results.get(count)!);
    const ofWhat = `webhooks, durable, ${count} connections`;
    return [
      { what: `${ofWhat}: taken`, value: a!.perSecond, unit: '/s' },
      { what: `${ofWhat}: slowest of 100`, value: a!.p99, unit: 'ms' },
      {
        what: `${ofWhat}: against a bare server with the same statements`,
        value: (100 * a!.perSecond) / b!.perSecond,
        unit: '%',
        goal: 'at least 60',
      },
      {
        what: `${ofWhat}: against one statement and one commit each`,
        value: a!.perSecond / c!.perSecond,
        unit: 'x',
        goal: 'at least 20',
      },
      { what: `${ofWhat}: against a flow of stock nodes`, value: a!.perSecond / d!.perSecond, unit: 'x' },
      {
        what: `${ofWhat}: against the same device manager without Node-RED`,
        value: (100 * a!.perSecond) / e!.perSecond,
        unit: '%',
      },
      { what: `${ofWhat}: refused or failed`, value: a!.failed, goal: '0' },
    ];
  });
}

/** The same by intake workers on one PostgreSQL; each answer ends its command once, whoever took it. */
export async function benchWorkers(): Promise<BenchLine[]> {
  const lines: BenchLine[] = [];
  let alone = 0;
  for (let count = 1; count <= MAX_WORKERS; count += 1) {
    const result = (await measure(workers(count), [128])).get(128)!;
    if (count === 1) alone = result.perSecond;
    lines.push(
      count === 1
        ? { what: 'webhooks by one intake worker', value: alone, unit: '/s' }
        : {
            what: `webhooks by ${count} intake workers, against one`,
            value: result.perSecond / alone,
            unit: 'x',
          },
    );
  }
  return lines;
}
