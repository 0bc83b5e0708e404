import { join } from 'node:path';
import { type Emqx, startEmqx } from '../support/emqx/index.js';
import { freePort } from '../support/free-port.js';
import { metricsOf, sumOf } from '../support/metrics.js';
import { type NodeRedProcess, startNodeRed } from '../support/node-red-process.js';
import { restCaller } from '../support/rest-caller.js';
import { newDatabase } from './database.js';
import { startScript } from './load.js';
import { STOCK_FLOW } from './stock-flow.js';
import { clientidOf, GATEWAYS } from './webhook-bodies.js';

export const API = { apiKey: 'key', apiSecret: 'secret of the API' };
export const SECRET = 'secret-of-the-webhooks';
export const HOOK = '/api/emqx/hook';

/** What takes webhooks, with 10,000 gateways in a database of its own. */
export interface Target {
  urls: string[];
  /** The processes that take them. */
  pids: number[];
  /** Throws unless so many webhooks, which were answered by 2xx, are known to it as written, and none as a repeat. */
  check?(taken: number): Promise<void>;
  close(): Promise<void>;
}

export type OpenTarget = (name: string) => Promise<Target>;

interface Fleet {
  url: string;
  emqx: Emqx;
  close(): Promise<void>;
}

/**
 * EMQX knows the gateways, which take what is sent to them and answer nothing: so much is asked of gateways that connect as a manager has
 * under way at once, and no more.
 */
async function openFleet(name: string): Promise<Fleet> {
  const { options, database } = await newDatabase(name);
  await database.query(
    `insert into clientid_profile (clientid) select 'gw-' || number from generate_series(1, $1) as number`,
    [GATEWAYS],
  );
  // Room for the next version of a row on the same page: the limit is what the database can do.
  await database.query(
    `create table bench_presence (clientid text primary key, connected boolean not null, at bigint not null)
     with (fillfactor = 50)`,
  );
  await database.query('analyze');
  const emqx = await startEmqx({ version: '5.8', ...API });
  await emqx.addClients(
    Array.from({ length: GATEWAYS }, (_, number) => clientidOf(number)),
    { isSilent: true },
  );
  return {
    url: options.url,
    emqx,
    async close() {
      await emqx.stop();
      await database.close();
    },
  };
}

/** The environment of a Node-RED that takes webhooks of this EMQX. */
export function webhookEnvironment(url: string, emqx: Pick<Emqx, 'apiUrl'>): NodeJS.ProcessEnv {
  return {
    DATABASE_URL: url,
    TPE_BROKER: 'emqx',
    EMQX_API_URL: emqx.apiUrl,
    EMQX_API_KEY: API.apiKey,
    EMQX_API_SECRET: API.apiSecret,
    TPE_WEBHOOK_SECRET: SECRET,
  };
}

/** So many of our Node-REDs on one database, each with this environment beside. */
export const ours =
  (count = 1, env: NodeJS.ProcessEnv = {}): OpenTarget =>
  async (name) => {
    const fleet = await openFleet(name);
    const all = await Promise.all(Array.from({ length: count }, () => startOurs(fleet, env)));
    return {
      urls: all.map(({ url }) => url + HOOK),
      pids: all.map(({ pid }) => pid),
      check: (taken) => checkTaken(all, taken),
      async close() {
        await Promise.all(all.map(({ stop }) => stop()));
        await fleet.close();
      },
    };
  };

/** As the image of docker/ runs it; the flags of `npm start` are for small machines. */
async function startOurs(fleet: Fleet, env: NodeJS.ProcessEnv): Promise<NodeRedProcess> {
  const nodeRed = await startNodeRed({
    env: { ...webhookEnvironment(fleet.url, fleet.emqx), ...env },
    flags: [],
  });
  const path = env.TPE_FLOW === undefined ? '/api/device?limit=1' : '/api/worker';
  await restCaller(nodeRed).until(path, ({ status }) => status === 200);
  return nodeRed;
}

async function checkTaken(all: readonly NodeRedProcess[], taken: number): Promise<void> {
  const counts = (await Promise.all(all.map(metricsOf))).map((metrics) => ({
    written: sumOf(metrics, 'tpedm_webhooks_total', 'outcome="taken"'),
    repeated: sumOf(metrics, 'tpedm_webhooks_total', 'outcome="repeated"'),
  }));
  const written = counts.reduce((sum, one) => sum + one.written, 0);
  const repeated = counts.reduce((sum, one) => sum + one.repeated, 0);
  if (written < taken) throw new Error(`${taken} webhooks were answered, and ${written} written`);
  if (repeated > 0) throw new Error(`${repeated} webhooks were no change`);
}

/** Another server of this bench, in `env` what it is to do. */
export const script =
  (file: string, env: NodeJS.ProcessEnv = {}): OpenTarget =>
  async (name) => {
    const fleet = await openFleet(name);
    const port = String(await freePort());
    const { pid, close } = await startScript(file, {
      ...webhookEnvironment(fleet.url, fleet.emqx),
      ...env,
      PORT: port,
    });
    return {
      urls: [`http://127.0.0.1:${port}${HOOK}`],
      pids: [pid],
      async close() {
        await close();
        await fleet.close();
      },
    };
  };

/** A Node-RED with a flow of what it comes with. */
export const stock: OpenTarget = async (name) => {
  const fleet = await openFleet(name);
  const nodeRed = await startNodeRed({
    env: { DATABASE_URL: fleet.url },
    flow: STOCK_FLOW,
    settings: join(__dirname, 'stock-settings.js'),
  });
  return {
    urls: [nodeRed.url + HOOK],
    pids: [nodeRed.pid],
    async close() {
      await nodeRed.stop();
      await fleet.close();
    },
  };
};
