import { setTimeout as delay } from 'node:timers/promises';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import type { DatabaseOptions } from '../../nodes/manager/database/options.js';
import type { DeviceManagerOptions } from '../../nodes/manager/device-manager.js';
import { JOB_TIMING } from '../../nodes/manager/jobs/control/timing.js';
import type { Job } from '../../nodes/manager/jobs/job.js';
import { createRegistry } from '../../nodes/manager/registry/create-registry.js';
import { DEFAULT_WELL_TIMING } from '../../nodes/manager/well/well.js';
import { startEmqx } from '../support/emqx/index.js';
import { FAST_TIMING } from '../support/fast-timing.js';
import { freePort } from '../support/free-port.js';
import { createManagerProcess, type ManagerProcess } from '../support/manager-process.js';
import { patience } from '../support/patience.js';
import { type CountingGateway, openCountingGateway, type Received } from './counting-gateway.js';

const API = { apiKey: 'key', apiSecret: 'secret of the API' };
const ACCOUNT = { username: 'tpedm', password: 'the login of the managers' };
const LOOK_MS = 25;
const PASSWORD = 'correct horse battery';
/** Gateways of one site, of which the guard lets one be disturbed at a time. */
export const PER_SITE = 3;

/** From where gateways may load packages. */
export const PACKAGE_HOST = 'packages.example.com';

/** Everything in a hurry, since rounds are many. */
const HURRY: Partial<DeviceManagerOptions> = {
  jobTiming: {
    ...JOB_TIMING,
    ...{ lookMs: 100, leastMs: 5, restMs: 100, controlMs: 200, turnMs: 1000, sweepMs: 1000, recountS: 1 },
    ...{ graceS: 2, gatherMs: 10, newsMs: 50 },
  },
  guardTimes: {
    settleMs: 50,
    settleRestartMs: 100,
    stuckMs: 600_000,
    graceMs: 500,
    everyMs: 250,
    restMs: 1000,
  },
  wellTiming: { ...DEFAULT_WELL_TIMING, leave: 300, settle: 100, settleOtherwise: 50, retry: 50 },
  installTiming: FAST_TIMING,
  packageHosts: [PACKAGE_HOST],
};

export interface JobSiteOptions {
  /** The names of the managers. */
  instances: readonly string[];
  gateways: readonly string[];
  /** How long a command waits for its answer where it does not say, ms. */
  commandTimeoutMs?: number;
  /** Each manager hears each answer, in place of one of them. */
  isHeardByAll?: boolean;
}

/** A definition of a job. */
export interface GivenJob {
  targets: { ids?: readonly string[]; all?: boolean };
  [field: string]: unknown;
}

/** Managers in processes of their own on one database, and gateways in this one, which count what they receive. */
export interface JobSite {
  managers: ManagerProcess[];
  gateways: Map<string, CountingGateway>;
  /** All that any gateway received, in order. */
  received: Received[];
  /** Calls the first manager that lives, another one if that dies meanwhile; rejects with what a manager refuses. */
  ask<T>(work: (manager: ManagerProcess) => Promise<T>): Promise<T>;
  /** Records and submits a job, whoever dies meanwhile. */
  begin(definition: GivenJob): Promise<string>;
  /** Runs a statement in the database that the managers share; on PGlite, only while they are dead. */
  sql<R extends Record<string, unknown>>(text: string, parameters?: readonly unknown[]): Promise<R[]>;
  /** Resolves with the job when the condition holds. */
  when(id: string, condition: (job: Job) => boolean): Promise<Job>;
  /** Resolves when the condition holds; it is asked often, since nobody tells what is in a process that dies. */
  until(what: string, condition: () => boolean | Promise<boolean>): Promise<void>;
  /** The next request that fits; one from before counts too. */
  nextRequest(fits: (request: Received) => boolean): Promise<Received>;
  close(): Promise<void>;
}

export async function openJobSite(options: DatabaseOptions, given: JobSiteOptions): Promise<JobSite> {
  return options.kind === 'postgresql' ? await openShared(options, given) : await openAlone(options, given);
}

/** Several managers on PostgreSQL beside EMQX, which shares the answers of gateways out among them. */
async function openShared(options: DatabaseOptions, given: JobSiteOptions): Promise<JobSite> {
  const database = await openDatabase(options);
  const registry = createRegistry(database);
  for (const [index, clientid] of given.gateways.entries()) {
    await registry.register({ clientid, username: clientid, password: PASSWORD, site: siteOf(index) });
  }
  const emqx = await startEmqx({ version: '5.8', ...API, accounts: [ACCOUNT], sysEvents: true });
  const managers = given.instances.map((instance) =>
    createManagerProcess({
      ...HURRY,
      database: options,
      broker: {
        ...{ kind: 'emqx', apiUrl: emqx.apiUrl, ...API, events: 'mqtt' },
        mqtt: { url: emqx.mqttUrl, ...ACCOUNT, ...(!given.isHeardByAll && { sharedGroup: 'managers' }) },
      },
      instance,
      commandTimeoutMs: given.commandTimeoutMs ?? patience(2000),
    }),
  );
  const site = createSite(managers, {
    query: (text, parameters) => database.query(text, parameters),
    async close() {
      await emqx.stop();
      await database.close();
    },
  });
  await Promise.all(managers.map((manager) => manager.begin()));
  await connectAll(site, given.gateways, emqx.mqttUrl);
  return site;
}

/** One manager with its database and its broker in it. */
async function openAlone(options: DatabaseOptions, given: JobSiteOptions): Promise<JobSite> {
  const port = await freePort();
  const manager = createManagerProcess({
    ...HURRY,
    database: options,
    broker: { kind: 'embedded', host: '127.0.0.1', port },
    instance: given.instances[0]!,
    commandTimeoutMs: given.commandTimeoutMs ?? patience(2000),
  });
  const site = createSite([manager], {
    async query<R extends Record<string, unknown>>(text: string, parameters: readonly unknown[]) {
      const database = await openDatabase(options);
      return await database.query<R>(text, parameters).finally(() => database.close());
    },
    close: async () => undefined,
  });
  await manager.begin();
  for (const [index, clientid] of given.gateways.entries()) {
    const login = { clientid, username: clientid, password: PASSWORD, site: siteOf(index) };
    await manager.call('registry', 'register', login);
  }
  await connectAll(site, given.gateways, `mqtt://127.0.0.1:${port}`);
  return site;
}

const siteOf = (index: number) => `site-${Math.floor(index / PER_SITE)}`;

async function connectAll(site: JobSite, gateways: readonly string[], url: string): Promise<void> {
  for (const clientid of gateways) {
    const onReceived = (request: Received) => void site.received.push(request);
    site.gateways.set(clientid, openCountingGateway({ url, clientid, password: PASSWORD, onReceived }));
  }
  await site.until('all gateways to be online', async () => {
    const counts = await site.ask((manager) => manager.call<{ online: number }>('registry', 'counts', {}));
    return counts.online === gateways.length;
  });
}

interface Store {
  query<R extends Record<string, unknown>>(text: string, parameters: readonly unknown[]): Promise<R[]>;
  close(): Promise<void>;
}

function createSite(managers: ManagerProcess[], store: Store): JobSite {
  const received: Received[] = [];
  let keys = 0;

  async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const end = performance.now() + patience(120_000);
    while (!(await condition())) {
      if (performance.now() > end) throw new Error(`waited in vain for ${what}${tellLogs(managers)}`);
      await delay(LOOK_MS);
    }
  }

  async function ask<T>(work: (manager: ManagerProcess) => Promise<T>): Promise<T> {
    const end = performance.now() + patience(120_000);
    for (;;) {
      for (const manager of managers.filter((one) => one.isAlive())) {
        try {
          return await work(manager);
        } catch (error) {
          const { code } = error as { code?: string };
          if (!['DEAD', 'UNAVAILABLE', 'CLOSED'].includes(code ?? '') && manager.isAlive()) throw error;
        }
      }
      if (performance.now() > end) throw new Error(`no manager answers${tellLogs(managers)}`);
      await delay(LOOK_MS);
    }
  }

  const site: JobSite = {
    managers,
    gateways: new Map(),
    received,
    ask,
    until,
    async begin(definition) {
      keys += 1;
      const act = { by: 'test', idempotencyKey: `${process.pid} ${keys}` };
      const { id } = await ask((manager) => manager.jobs('create', definition, act));
      await ask(async (manager) => {
        const job = await manager.jobs('get', id);
        // Its answer may have been lost.
        if (job?.state !== 'DRAFT') return;
        const { length } = definition.targets.ids ?? [...site.gateways];
        await manager.jobs('submit', id, { by: 'test', confirm: String(length) });
      });
      return id;
    },
    sql: (text, parameters = []) => store.query(text, parameters),
    async when(id, condition) {
      let job: Job | null = null;
      await until(`job ${id}, which was ${JSON.stringify(job)}`, async () => {
        job = await ask((manager) => manager.jobs('get', id));
        return job !== null && condition(job);
      });
      return job!;
    },
    async nextRequest(fits) {
      await until('a request', () => received.some(fits));
      return received.find(fits)!;
    },
    async close() {
      await Promise.all([...site.gateways.values()].map((gateway) => gateway.close()));
      await Promise.all(managers.map((manager) => manager.kill()));
      await store.close();
    },
  };
  return site;
}

function tellLogs(managers: readonly ManagerProcess[]): string {
  return managers.map(({ instance, log }) => `\n${instance}:\n${log.slice(-15).join('\n')}`).join('');
}
