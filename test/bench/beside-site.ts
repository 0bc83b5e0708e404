import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Database } from '../../nodes/manager/database/database.js';
import { migrate } from '../../nodes/manager/database/migrate.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { type Emqx, startEmqx } from '../support/emqx/index.js';
import { type NodeRedProcess, startNodeRed, temporaryFolder } from '../support/node-red-process.js';
import { type RestCaller, restCaller } from '../support/rest-caller.js';
import { newDatabase } from './database.js';
import { API, webhookEnvironment } from './intake-targets.js';
import { clientidOf, GATEWAYS } from './webhook-bodies.js';

export const KINDS = ['embedded', 'PostgreSQL'] as const;
export type Kind = (typeof KINDS)[number];

/** In the registry; the first GATEWAYS of them connect and leave, are scanned and commanded. */
export const FLEET = 100_000;
export const SITE_SCANNED = 'Scanned';
const MODELS = 8;
const AUDIT = 20_000;
const EVENTS = 20_000;

/** A Node-RED with a large fleet on one of the databases, beside an EMQX and a software repository. */
export interface Site {
  nodeRed: NodeRedProcess;
  rest: RestCaller;
  stop(): Promise<void>;
}

/** Starts it; `env` is for Node-RED, beside what it needs. */
export async function openSite(kind: Kind, env: NodeJS.ProcessEnv = {}): Promise<Site> {
  const repository = await openRepository();
  const dataDir = temporaryFolder();
  const url = kind === 'embedded' ? '' : await fillPostgresql();
  if (kind === 'embedded') await fillEmbedded(join(dataDir, 'registry'));
  const emqx = await openEmqx();
  const nodeRed = await startNodeRed({
    dataDir,
    env: { ...webhookEnvironment(url, emqx), TPE_REPO_URL: repository.url, ...env },
  });
  const rest = restCaller(nodeRed);
  await rest.until('/api/device?limit=1', ({ status }) => status === 200);
  return {
    nodeRed,
    rest,
    async stop() {
      await nodeRed.stop();
      await emqx.stop();
      repository.close();
    },
  };
}

async function openEmqx(): Promise<Emqx> {
  const emqx = await startEmqx({ version: '5.8', ...API });
  await emqx.addClients(
    Array.from({ length: GATEWAYS }, (_, number) => clientidOf(number)),
    { isSilent: true },
  );
  return emqx;
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

async function fillPostgresql(): Promise<string> {
  const { options, database } = await newDatabase('beside');
  await fill(database);
  await database.close();
  return options.url;
}

async function fillEmbedded(folder: string): Promise<void> {
  const database = await openDatabase({ kind: 'embedded', folder });
  await migrate(database, { info: () => undefined });
  await fill(database);
  await database.close();
}

async function fill(database: Database): Promise<void> {
  await database.query(
    `insert into clientid_profile (clientid, host_name, model_name, serial_number, firmware_version, tpe_version, site, tags,
       connection_status, connection_status_updated_at)
     select 'gw-' || number, 'pump ' || number, 'UC-' || number % $2, 'IMOXA' || 1000000 + number, '1.' || number % 7,
       '2.1.0-1', case when number <= $3 then $4 else 'Plant ' || number % 20 end, array['line ' || number % 3],
       number <= $3, 1790000000
     from generate_series(1, $1) as number`,
    [FLEET, MODELS, GATEWAYS, SITE_SCANNED],
  );
  await database.query(
    `insert into tpe_presence_event (clientid, at, online, reason, source)
     select 'gw-' || (1 + number % 500), now() - number * interval '10 seconds', number % 2 = 0, 'a reason', 'webhook'
     from generate_series(1, $1) as number`,
    [EVENTS],
  );
  await database.query(
    `insert into tpe_audit (who, role, action, clientid, detail, outcome, at)
     select 'somebody', 'operator', 'command.send', 'gw-1', '{"operation": "x", "path": "/a/b/c"}', 'done',
       now() - number * interval '1 second'
     from generate_series(1, $1) as number`,
    [AUDIT],
  );
  // What the filling left to do shall not be done while it is measured.
  await database.query('vacuum analyze');
  await database.query('checkpoint');
}
