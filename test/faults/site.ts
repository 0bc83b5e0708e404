import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../../nodes/manager/database/database.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import type { DatabaseOptions } from '../../nodes/manager/database/options.js';
import { createRegistry } from '../../nodes/manager/registry/create-registry.js';
import { LOOKS_OFTEN } from '../support/emqx/action-settings.js';
import { type Emqx, startEmqx } from '../support/emqx/index.js';
import { freePort } from '../support/free-port.js';
import { type NodeRedProcess, PROJECT_ROOT, startNodeRed } from '../support/node-red-process.js';
import { restCaller } from '../support/rest-caller.js';

const API = { apiKey: 'key', apiSecret: 'secret of the API' };
const SECRET = 'secret-of-the-webhooks';
export const HOOK = '/api/emqx/hook';
export const PASSWORD = 'correct horse battery';

/** The bundled flow, in which a command that nobody answers ends after 5 s in place of 60. */
function flowWithShortTimeouts(): object[] {
  const file = join(PROJECT_ROOT, 'flows/device-manager.json');
  const flow = JSON.parse(readFileSync(file, 'utf8')) as { type: string }[];
  return flow.map((node) => (node.type === 'tpe-server' ? { ...node, commandTimeout: '5' } : node));
}

/** EMQX, PostgreSQL and a Node-RED that may be killed and comes back on the same port. */
export interface Site {
  emqx: Emqx;
  /** Of the test, beside that of Node-RED. */
  database: Database;
  nodeRed(): NodeRedProcess;
  /** As a power cut; comes back, and resolves when it works. */
  killAndRestart(): Promise<void>;
  /** Resolves when database and broker answer to Node-RED. */
  untilReady(): Promise<void>;
  /** Posts a webhook by itself; true when it was acknowledged. Never rejects. */
  post(body: object): Promise<boolean>;
  close(): Promise<void>;
}

export async function openSite(options: DatabaseOptions, gateways: readonly string[]): Promise<Site> {
  if (options.kind !== 'postgresql') throw new Error('not a PostgreSQL database');
  const database = await openDatabase(options);
  const registry = createRegistry(database);
  for (const clientid of gateways) {
    await registry.register({ clientid, username: clientid, password: PASSWORD });
  }
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const emqx = await startEmqx({
    version: '5.8',
    ...API,
    webhook: {
      url: url + HOOK,
      secret: SECRET,
      payloads: 'base64',
      presence: LOOKS_OFTEN,
      messages: LOOKS_OFTEN,
    },
  });
  const env: NodeJS.ProcessEnv = {
    DATABASE_URL: options.url,
    PORT: String(port),
    TPE_BROKER: 'emqx',
    EMQX_API_URL: emqx.apiUrl,
    EMQX_API_KEY: API.apiKey,
    EMQX_API_SECRET: API.apiSecret,
    TPE_WEBHOOK_SECRET: SECRET,
    TPE_API_TOKEN: 'a token that stays the same over restarts'.replaceAll(' ', '-'),
    TPE_ADMIN_PASSWORD: PASSWORD,
  };
  let nodeRed = await startNodeRed({ env, flow: flowWithShortTimeouts() });

  async function untilReady(): Promise<void> {
    const { until } = restCaller(nodeRed);
    await until('/api/device?limit=1', ({ status }) => status === 200);
  }
  await untilReady();

  return {
    emqx,
    database,
    nodeRed: () => nodeRed,
    async killAndRestart() {
      await nodeRed.kill();
      nodeRed = await startNodeRed({ env, dataDir: nodeRed.dataDir });
      await untilReady();
    },
    untilReady,
    async post(body) {
      try {
        const response = await fetch(url + HOOK, {
          method: 'POST',
          headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        await response.arrayBuffer();
        return response.ok;
      } catch {
        return false;
      }
    },
    async close() {
      await nodeRed.stop();
      await emqx.stop();
      await database.close();
    },
  };
}
