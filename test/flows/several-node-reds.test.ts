import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Database } from '../../nodes/manager/database/database.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import type { DatabaseOptions } from '../../nodes/manager/database/options.js';
import { opener } from '../support/databases.js';
import { type Emqx, type EmqxOptions, startEmqx } from '../support/emqx/index.js';
import { emqx5 } from '../support/emqx-authentication.js';
import { verdictOf } from '../support/emqx-credentials.js';
import { connectGateway, GENERAL, type TestGateway } from '../support/gateway.js';
import { openGatewaysTable } from '../support/gateways-table.js';
import { type HttpBalancer, startHttpBalancer } from '../support/http-balancer.js';
import { type NodeRedProcess, PROJECT_ROOT, startNodeRed } from '../support/node-red-process.js';
import { patience, patienceSeconds } from '../support/patience.js';
import { type RestCaller, type RestReply, restCaller } from '../support/rest-caller.js';

const API = { apiKey: 'key', apiSecret: 'secret of the API' };
const MANAGER = { username: 'tpedm-manager', password: 'password of the manager' };
const WEBHOOK_SECRET = 'secret-of-the-webhooks';
const PASSWORD = 'correct horse battery';
const HOOK = '/api/emqx/hook';
const WORKER = { TPE_FLOW: 'intake-worker', TPE_EDITOR: 'off' };
const BY_MQTT = { TPE_MQTT_USERNAME: MANAGER.username, TPE_MQTT_PASSWORD: MANAGER.password };

/** Keeps what tpe-output sent of telemetry, and gives it to who asks. */
const HEARD = [
  { id: 'tab-heard', type: 'tab', label: 'heard' },
  {
    id: 'h-output',
    z: 'tab-heard',
    type: 'tpe-output',
    version: 1,
    kind: 'telemetry',
    wires: [['h-keep']],
  },
  {
    id: 'h-keep',
    z: 'tab-heard',
    type: 'function',
    func: "flow.set('heard', [...(flow.get('heard') ?? []), msg.payload]);",
    outputs: 0,
    wires: [],
  },
  { id: 'h-in', z: 'tab-heard', type: 'http in', url: '/api/heard', method: 'get', wires: [['h-read']] },
  {
    id: 'h-read',
    z: 'tab-heard',
    type: 'function',
    func: "return { ...msg, payload: { data: flow.get('heard') ?? [] } };",
    outputs: 1,
    wires: [['h-answer']],
  },
  { id: 'h-answer', z: 'tab-heard', type: 'http response', statusCode: '200', wires: [] },
];

/** A bundled flow with HEARD beside it. */
function flowThatHears(name: string): object[] {
  const flow: { id: string; type: string }[] = JSON.parse(
    readFileSync(join(PROJECT_ROOT, `flows/${name}.json`), 'utf8'),
  );
  const server = flow.find(({ type }) => type === 'tpe-server')?.id;
  return [...flow, ...HEARD.map((node) => (node.type === 'tpe-output' ? { ...node, server } : node))];
}

/** Several Node-REDs on one database and one broker, with a proxy of its own in front of the broker's API for each. */
interface Site {
  database: Database;
  emqx: Emqx;
  start(
    env: NodeJS.ProcessEnv,
    flow?: object[],
  ): Promise<{ nodeRed: NodeRedProcess; rest: RestCaller; api: HttpBalancer }>;
  close(): Promise<void>;
}

async function openSite(options: DatabaseOptions, emqxOptions: Partial<EmqxOptions>): Promise<Site> {
  if (options.kind !== 'postgresql') throw new Error('not a PostgreSQL database');
  const { url } = options;
  const database = await openDatabase(options);
  const emqx = await startEmqx({
    version: '5.8',
    ...API,
    accounts: [MANAGER],
    authenticate: async (clientid, username, password) =>
      verdictOf(await emqx5(database, { clientid, username: username ?? '', password })),
    ...emqxOptions,
  });
  const opened: { stop(): Promise<unknown> }[] = [];
  return {
    database,
    emqx,
    async start(env, flow) {
      const api = await startHttpBalancer(emqx.apiUrl);
      opened.push({ stop: api.close });
      const nodeRed = await startNodeRed({
        env: {
          DATABASE_URL: url,
          TPE_BROKER: 'emqx',
          EMQX_API_URL: api.url,
          EMQX_API_KEY: API.apiKey,
          EMQX_API_SECRET: API.apiSecret,
          TPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
          ...env,
        },
        ...(flow && { flow }),
      });
      opened.unshift(nodeRed);
      return { nodeRed, rest: restCaller(nodeRed), api };
    },
    async close() {
      await Promise.all(opened.map(({ stop }) => stop()));
      await emqx.stop();
      await database.close();
    },
  };
}

const loginOf = (clientid: string) => ({ clientid, username: `user of ${clientid}`, password: PASSWORD });
const isOnline = ({ data }: RestReply) => data.connection_status === true;
const isOffline = ({ data }: RestReply) => data.connection_status === false;
const isReady = ({ status, data }: RestReply) => status === 200 && data.broker?.connected !== false;
const readsOfList = ({ passed }: HttpBalancer) =>
  passed.filter(({ method, path }) => method === 'GET' && /^\/api\/v5\/clients(_v2)?(\?|$)/.test(path))
    .length;

/** Connects a registered gateway, which tells its profile when it is asked for it. */
async function arrive(emqx: Emqx, clientid: string): Promise<TestGateway> {
  const gateway = await connectGateway({ ...loginOf(clientid), port: Number(new URL(emqx.mqttUrl).port) });
  const request = await gateway.nextRequest();
  expect(request.path).to.equal('/device/general');
  await gateway.answer(request.requestId, GENERAL);
  return gateway;
}

const ask = (
  rest: RestCaller,
  clientid: string,
  query = `?wait=${patienceSeconds(60)}`,
  path = '/device/time',
) => rest.call('POST', `/api/emqx/clients/${clientid}/message${query}`, { path, method: 'GET' });

/** Answers the next request with its own id, so that a mix-up shows. */
async function answerNext(gateway: TestGateway): Promise<string> {
  const { requestId } = await gateway.nextRequest();
  await gateway.answer(requestId, { data: `${gateway.clientid} ${requestId}` });
  return requestId;
}

function expectAnswered({ status, data }: RestReply, clientid: string): void {
  expect(status, JSON.stringify(data)).to.equal(200);
  expect(data).to.deep.include({
    state: 'SUCCEEDED',
    answer: { status: 200, payload: { data: `${clientid} ${data.requestId}` } },
  });
}

describe('several Node-REDs: webhooks shared out to a dashboard and an intake worker', () => {
  const open = opener('postgresql');
  let site: Site;
  let hooks: HttpBalancer;
  let a: Awaited<ReturnType<Site['start']>>;
  let worker: Awaited<ReturnType<Site['start']>>;
  let c: Awaited<ReturnType<Site['start']>>;

  before(async () => {
    hooks = await startHttpBalancer();
    site = await openSite(await open.emptyOptions(), {
      webhook: { url: hooks.url + HOOK, secret: WEBHOOK_SECRET, payloads: 'base64' },
    });
    // All at once on a database that has no tables yet.
    [a, worker, c] = await Promise.all([
      site.start({}),
      site.start(WORKER),
      site.start({ ...BY_MQTT, TPE_MQTT_URL: site.emqx.mqttUrl }),
    ]);
    await a.rest.until('/api/device', isReady);
    await worker.rest.until('/api/worker', isReady);
    await c.rest.until('/api/device', isReady);
    hooks.sendTo(worker.nodeRed.url);
  });
  after(async () => {
    await site?.close();
    await hooks?.close();
  });

  async function register(...clientids: string[]): Promise<void> {
    for (const clientid of clientids) {
      expect((await a.rest.call('POST', '/api/device', loginOf(clientid))).status).to.equal(200);
    }
  }

  const instanceOf = async (requestId: string) => {
    const [row] = await site.database.query<{ instance: string }>(
      'select instance from tpe_command where request_id = $1',
      [requestId],
    );
    return row?.instance;
  };

  it('are known to each other by names of their own, and have made the tables once', async () => {
    expect(await site.database.query('select distinct instance from tpe_instance')).to.have.length(3);
    expect(worker.nodeRed.log()).to.contain(
      `Webhooks    ${worker.nodeRed.url.replace('127.0.0.1', 'localhost')}${HOOK}`,
    );
    expect((await fetch(worker.nodeRed.url)).status, 'no editor').to.equal(404);
  });

  it('complete a command where it was asked, though its answer arrives elsewhere', async () => {
    await register('elsewhere-1');
    const gateway = await arrive(site.emqx, 'elsewhere-1');
    await a.rest.until('/api/device/elsewhere-1', ({ data }) => data.model_name !== null);
    for (const asker of [a, c]) {
      const asked = ask(asker.rest, 'elsewhere-1');
      await answerNext(gateway);
      expectAnswered(await asked, 'elsewhere-1');
    }
    await site.emqx.webhooks.settled();
    expect(hooks.passed.every(({ target }) => target === worker.nodeRed.url)).to.equal(true);
    const publishes = ({ api }: typeof a) =>
      api.passed.filter(({ path }) => path === '/api/v5/publish').length;
    expect({ a: publishes(a), c: publishes(c) }, 'c sends by MQTT').to.deep.equal({ a: 1, c: 0 });
    await gateway.leave();
  });

  it("show on one's dashboard what another takes in", async () => {
    await register('shown-1');
    const table = await openGatewaysTable(a.nodeRed, 'table');
    await table.shows('shown-1', ({ status }) => status === 'never_seen');
    const began = Date.now();
    const gateway = await arrive(site.emqx, 'shown-1');
    await table.shows('shown-1', ({ status, modelName }) => status === 'online' && modelName !== null);
    await gateway.leave();
    const row = await table.shows('shown-1', ({ status }) => status === 'offline');
    expect(row).to.include({ source: 'webhook' });
    expect((await a.rest.call('GET', '/api/device/shown-1')).data).to.deep.include({
      status_reason: row.reason,
      status_cause: row.cause,
    });
    expect(Date.now() - began).to.be.lessThan(patience(15_000));
    table.close();
  });

  it("send one's command when another's is answered: one in flight to a gateway", async () => {
    await register('busy-1');
    const gateway = await connectGateway({
      ...loginOf('busy-1'),
      port: Number(new URL(site.emqx.mqttUrl).port),
    });
    const profile = await gateway.nextRequest();
    const asked = ask(a.rest, 'busy-1');
    const [{ requestId }] = (await untilRows(
      "select request_id::text as \"requestId\" from tpe_command where clientid = 'busy-1' and state = 'QUEUED'",
    )) as [{ requestId: string }];
    expect(await instanceOf(requestId)).not.to.equal(await instanceOf(profile.requestId));
    expect(gateway.received).to.have.length(1);
    await gateway.answer(profile.requestId, GENERAL);
    expect(await answerNext(gateway)).to.equal(requestId);
    expectAnswered(await asked, 'busy-1');
    await gateway.leave();
  });

  it('see each gateway rightly and lose no answer while all of them take webhooks in turn', async () => {
    const clientids = Array.from({ length: 10 }, (_, index) => `turn-${index}`);
    await register(...clientids);
    hooks.sendTo(a.nodeRed.url, worker.nodeRed.url, c.nodeRed.url);
    const gateways = await Promise.all(clientids.map((clientid) => arrive(site.emqx, clientid)));
    await Promise.all(clientids.map((clientid) => a.rest.until(`/api/device/${clientid}`, isOnline)));
    const asked = gateways.flatMap(({ clientid }) => [ask(a.rest, clientid), ask(c.rest, clientid)]);
    await Promise.all(
      gateways.map(async (gateway) => [await answerNext(gateway), await answerNext(gateway)]),
    );
    for (const [index, reply] of (await Promise.all(asked)).entries()) {
      expectAnswered(reply, clientids[Math.floor(index / 2)]!);
    }
    // A new session takes the place of the old one, whose end may be told later and to somebody else.
    const again = await Promise.all(clientids.map((clientid) => arrive(site.emqx, clientid)));
    await site.emqx.webhooks.settled();
    for (const clientid of clientids) {
      expect((await a.rest.call('GET', `/api/device/${clientid}`)).data).to.include({ status: 'online' });
    }
    await Promise.all(again.map((gateway) => gateway.leave()));
    await Promise.all(clientids.map((clientid) => c.rest.until(`/api/device/${clientid}`, isOffline)));
    const takers = new Set(hooks.passed.map(({ target }) => target));
    expect(takers).to.have.length(3);
    hooks.sendTo(worker.nodeRed.url);
  });

  it('go on with the commands of one that was killed', async () => {
    await register('waiting-1', 'flying-1');
    const flying = await arrive(site.emqx, 'flying-1');
    await a.rest.until('/api/device/flying-1', ({ data }) => data.model_name !== null);
    const inFlight = (await ask(c.rest, 'flying-1', '')).data.requestId;
    expect((await flying.nextRequest()).requestId).to.equal(inFlight);
    const waiting = (await ask(c.rest, 'waiting-1', '?whenOffline=queue')).data.requestId;
    const dead = await instanceOf(waiting);
    await c.nodeRed.kill();
    await flying.answer(inFlight, { data: `flying-1 ${inFlight}` });
    expectAnswered(
      await a.rest.call('GET', `/api/command/${inFlight}?wait=${patienceSeconds(60)}`),
      'flying-1',
    );

    await site.database.query(
      "update tpe_instance set seen_at = now() - interval '10 minutes' where instance = $1",
      [dead],
    );
    await untilRows(`select from tpe_command where request_id = ${waiting} and instance <> '${dead}'`);
    const gateway = await connectGateway({
      ...loginOf('waiting-1'),
      port: Number(new URL(site.emqx.mqttUrl).port),
    });
    const asked = [await answerNext(gateway), await answerNext(gateway)];
    expect(asked).to.include(waiting);
    expectAnswered(
      await a.rest.call('GET', `/api/command/${waiting}?wait=${patienceSeconds(60)}`),
      'waiting-1',
    );
    await gateway.leave();
    await flying.leave();
  });

  it('take over the webhooks of one that was killed', async () => {
    await register('left-1', 'left-2');
    hooks.sendTo(worker.nodeRed.url, a.nodeRed.url);
    const gateway = await arrive(site.emqx, 'left-1');
    await worker.nodeRed.kill();
    await gateway.leave();
    const other = await arrive(site.emqx, 'left-2');
    const asked = ask(a.rest, 'left-2');
    await answerNext(other);
    expectAnswered(await asked, 'left-2');
    await site.emqx.webhooks.settled();
    expect((await a.rest.call('GET', '/api/device/left-1')).data).to.include({ status: 'offline' });
    expect((await a.rest.call('GET', '/api/device/left-2')).data).to.include({ status: 'online' });
    expect(site.emqx.webhooks.dropped).to.deep.equal([]);
    await other.leave();
  });

  it('have read the list of clients once each at most, as what was lost before a start may be in it, and said who did', async () => {
    const reads = [a, worker, c].map(({ api }) => readsOfList(api));
    expect(reads.toSorted().at(0)).to.be.at.most(1);
    expect(reads.toSorted().at(-1)).to.equal(1);
    expect(await site.database.query("select task from tpe_schedule where task = 'presence'")).to.deep.equal([
      { task: 'presence' },
    ]);
  });

  async function untilRows(sql: string): Promise<unknown[]> {
    for (;;) {
      const rows = await site.database.query(sql);
      if (rows.length > 0) return rows;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});

describe('several Node-REDs: what comes by MQTT shared out to two', () => {
  const open = opener('postgresql');
  let site: Site;
  let a: Awaited<ReturnType<Site['start']>>;
  let worker: Awaited<ReturnType<Site['start']>>;
  let gateways: TestGateway[];
  const clientids = ['shared-1', 'shared-2', 'shared-3', 'shared-4'];

  before(async () => {
    site = await openSite(await open.emptyOptions(), { sysEvents: true });
    const env = {
      ...BY_MQTT,
      TPE_MQTT_URL: site.emqx.mqttUrl,
      TPE_EVENTS: 'mqtt',
      TPE_MQTT_GROUP: 'tpedm',
    };
    [a, worker] = await Promise.all([
      site.start(env, flowThatHears('device-manager')),
      site.start({ ...env, ...WORKER }, flowThatHears('intake-worker')),
    ]);
    await worker.rest.until('/api/worker', isReady);
    for (const clientid of clientids) await a.rest.call('POST', '/api/device', loginOf(clientid));
  });
  after(() => site?.close());

  const heard = async (): Promise<[unknown[], unknown[]]> => [
    (await a.rest.call('GET', '/api/heard')).data,
    (await worker.rest.call('GET', '/api/heard')).data,
  ];

  it('see gateways come, and complete each command where it was asked', async () => {
    const table = await openGatewaysTable(a.nodeRed, 'table');
    gateways = await Promise.all(clientids.map((clientid) => arrive(site.emqx, clientid)));
    for (const clientid of clientids) {
      const row = await table.shows(clientid, ({ status, modelName }) => status === 'online' && !!modelName);
      expect(row.source).to.equal('mqtt');
    }
    table.close();
    const asked = gateways.flatMap(({ clientid }) => [0, 1, 2].map(() => ask(a.rest, clientid)));
    await Promise.all(
      gateways.map(async (gateway) => {
        for (const _ of [0, 1, 2]) await answerNext(gateway);
      }),
    );
    for (const [index, reply] of (await Promise.all(asked)).entries()) {
      expectAnswered(reply, clientids[Math.floor(index / 3)]!);
    }
  });

  it('send each telemetry message from one of them', async () => {
    const sent = Array.from({ length: 40 }, (_, index) => ({ value: index }));
    for (const message of sent) {
      const gateway = gateways[message.value % gateways.length]!;
      await gateway.publish(`/tpedm/${gateway.clientid}/telemetry/tags`, JSON.stringify(message));
    }
    await worker.rest.until('/api/heard', ({ data }) => data.length > 0);
    for (;;) {
      const [ofA, ofWorker] = await heard();
      expect(ofA.length + ofWorker.length).to.be.at.most(sent.length);
      if (ofA.length + ofWorker.length < sent.length) continue;
      expect(ofA).not.to.have.length(0);
      expect([...ofA, ...ofWorker]).to.have.deep.members(sent);
      return;
    }
  });

  it('look into presence when the broker was restarted, but not again and again, and find who is gone', async () => {
    const readsBefore = [a, worker].map(({ api }) => readsOfList(api));
    expect(readsBefore.toSorted().at(-1)).to.equal(1);
    await site.emqx.restart();
    const back = await arrive(site.emqx, 'shared-1');
    for (const clientid of clientids.slice(1)) await a.rest.until(`/api/device/${clientid}`, isOffline);
    await a.rest.until('/api/device/shared-1', isOnline);
    const reads = [a, worker].map(({ api }, index) => readsOfList(api) - readsBefore[index]!);
    // Each may have lost something when its own connection ended, and all see later that a node began anew.
    expect(reads.toSorted().at(-1)).to.be.within(1, 2);
    await back.leave();
    await a.rest.until('/api/device/shared-1', isOffline);
  });

  it('go on with one of them', async () => {
    const gateway = await arrive(site.emqx, 'shared-2');
    // Whatever it took is in the database by then.
    const first = ask(a.rest, 'shared-2');
    await answerNext(gateway);
    expectAnswered(await first, 'shared-2');
    await worker.nodeRed.kill();
    for (const _ of [0, 1, 2, 3]) {
      const asked = ask(a.rest, 'shared-2');
      await answerNext(gateway);
      expectAnswered(await asked, 'shared-2');
    }
    await gateway.leave();
    await a.rest.until('/api/device/shared-2', isOffline);
  });
});
