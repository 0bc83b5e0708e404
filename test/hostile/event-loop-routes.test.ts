import { join } from 'node:path';
import { expect } from 'chai';
import { LARGEST_MESSAGE } from '../../nodes/node-red/login/largest-message.js';
import { logInAtDashboard, openDashboardSocket } from '../support/dashboard-socket.js';
import { opener } from '../support/databases.js';
import { logInAtEditor } from '../support/editor-login.js';
import { filledBody } from '../support/filled-body.js';
import { freePort } from '../support/free-port.js';
import { RUNS } from '../support/hostile.js';
import { insertLargeFleet } from '../support/large-fleet.js';
import { LARGE_OPERATIONS, notedOperations } from '../support/large-operations.js';
import type { Route } from '../support/list-routes.js';
import { idlePause, MAX_PAUSE_MS, pauseDuring } from '../support/loop-clock.js';
import { type NodeRedProcess, PROJECT_ROOT, startNodeRed } from '../support/node-red-process.js';
import { WORST_SITE } from '../support/worst-site.js';

const GATEWAYS = RUNS > 500 ? 90_000 : 10_000;
const FIRST = 'LARGE000001';
const boundMs = (name: string) => (isOfEditor(name) ? 2 : 1) * MAX_PAUSE_MS;
/** The editor's parser takes a body of up to 5 MB at once, before anything of ours is asked. */
const isOfEditor = (name: string) => /^POST \/tpe/.test(name);

interface Call {
  path?: string;
  /** A function: another one each time. */
  body?: string | (() => string);
}

let imports = 0;
/** Gateways that are not there yet, so that a password is made for each. */
function newGateways(): string {
  imports += 1;
  return `clientid\n${Array.from({ length: GATEWAYS }, (_, index) => `new-${imports}-${index}`).join('\n')}\n`;
}

const DEEP = `{"requestBody": ${'['.repeat(20_000)}${']'.repeat(20_000)}, "server": "tpe-server-main"}`;
const CRON = JSON.stringify({
  server: 'tpe-server-main',
  clientid: FIRST,
  operation: 'put-system-update-settings',
  path: '/system/update/settings',
  method: 'PUT',
  requestBody: { autoScanExpression: '1,'.repeat(80_000) },
});
const WIDE = `{"server": "tpe-server-main", "requestBody": [${'{},'.repeat(40_000)}{}]}`;
const HOSTILE: Call[] = [{ body: DEEP }, { body: CRON }, { body: WIDE }, { body: `"${'x'.repeat(4e6)}"` }];
const LARGE_TABLE = `Client ID;tags;site\n${'="001";"a,b";Gr\u00fc\u00dfe\n'.repeat(90_000)}`;
/** With as much to tell of each operation as there may be. */
const NOTED = notedOperations(30);

const JOB = {
  name: 'all',
  do: { command: { method: 'GET', path: '/device/time' } },
  rollout: { maxPerMinute: 1, maxInProgress: 1 },
};
/** Jobs for the whole fleet, for many by name, and with values for each. */
const LARGE_JOBS: Call[] = [
  { ...JOB, targets: { all: true } },
  { ...JOB, targets: { ids: Array.from({ length: 100_000 }, (_, index) => `nobody-${index}`) } },
  {
    ...JOB,
    targets: { all: true },
    do: { command: { method: 'PUT', path: '/device/general', requestBody: { hostName: '{{value.name}}' } } },
    perTarget: `clientid,name\n${Array.from({ length: 50_000 }, (_, index) => `nobody-${index},n${index}`).join('\n')}\n`,
  },
  // As large as a request may be, and larger.
  ...[6500, 60_000].map((fields) => ({
    ...JOB,
    targets: { ids: [FIRST] },
    do: { command: { method: 'PUT', path: '/unheard/of', check: 'warn', requestBody: filledBody(fields) } },
  })),
  {
    ...JOB,
    targets: { all: true },
    do: { steps: Array.from({ length: 20 }, () => ({ command: { path: '/x' } })) },
  },
].map((job) => ({ body: JSON.stringify(job) }));

/** As many as one act takes. */
const MANY_ALARMS = Array.from({ length: 500 }, (_, index) => `${index + 1}`);

/** What each route is called with: the largest, and what means harm. A new route has to be given here. */
const CALLS: Record<string, Call[]> = {
  'GET /api/counts': [{}, { path: `/api/counts?search=${'%25_'.repeat(50)}` }],
  'GET /api/openapi.json': [{}],
  'GET /api/device': [
    ...Array.from({ length: 10 }, () => ({ path: '/api/device?limit=1000' })),
    { path: `/api/device?limit=1000&search=${'%25_'.repeat(500)}` },
  ],
  'POST /api/device': HOSTILE,
  'POST /api/device/import': [
    { path: '/api/device/import', body: newGateways },
    { path: '/api/device/import?dryRun=true', body: LARGE_TABLE },
    {
      path: '/api/device/import?dryRun=true',
      body: `[${'{"clientid":"gw"},'.repeat(100_000)}{"clientid":'gw'}]`,
    },
    ...HOSTILE,
  ],
  'GET /api/device/export': [{}, { path: '/api/device/export?format=json' }],
  'POST /api/device/rotate': [
    ...HOSTILE,
    { body: JSON.stringify({ clientids: Array.from({ length: 50_000 }, (_, index) => `nobody-${index}`) }) },
    { body: JSON.stringify({ clientids: Array.from({ length: 1000 }, (_, index) => `nobody-${index}`) }) },
  ],
  'GET /api/device/:clientid': [{ path: `/api/device/${FIRST}` }],
  'GET /api/device/:clientid/timeline': [
    { path: `/api/device/${FIRST}/timeline?limit=200` },
    { path: `/api/device/${FIRST}/timeline?cursor=${'A'.repeat(2000)}` },
  ],
  'DELETE /api/device/:clientid': [{ path: '/api/device/nobody' }],
  'PUT /api/device/checkUpdate': [...HOSTILE, { body: '{}' }],
  'GET /api/device/checkUpdate': [{ path: '/api/device/checkUpdate?limit=1000' }],
  'POST /api/device/:clientid/update': [{ path: `/api/device/${FIRST}/update`, body: DEEP }],
  'GET /api/operation/category': [{}],
  'GET /api/operation': [{}],
  'GET /api/operation/export': [{}],
  'GET /api/operation/:id': [{ path: '/api/operation/post-modbusmaster-config-mcmds' }],
  'DELETE /api/operation/:id': [{ path: '/api/operation/own-none' }],
  'POST /api/operation/import': [
    { path: '/api/operation/import?dryRun=true', body: LARGE_OPERATIONS },
    { path: '/api/operation/import?dryRun=true', body: NOTED },
    { body: LARGE_OPERATIONS },
    ...HOSTILE,
  ],
  'POST /api/emqx/clients/:clientid/message': HOSTILE.map(({ body = '' }) => ({
    path: `/api/emqx/clients/${FIRST}/message`,
    body,
  })),
  'GET /api/emqx/clients/:clientid': [{ path: `/api/emqx/clients/${FIRST}` }],
  'GET /api/command': [
    { path: '/api/command?limit=200' },
    { path: `/api/command?limit=200&operation=${'e'.repeat(200)}&who=${'%25'.repeat(200)}` },
    { path: `/api/command?limit=200&operation=${'e%20'.repeat(99)}&gateway=${'%25'.repeat(200)}` },
  ],
  'GET /api/audit': [
    { path: '/api/audit?limit=200' },
    { path: `/api/audit?limit=200&who=${'%25'.repeat(200)}&gateway=${'%25'.repeat(200)}` },
  ],
  'GET /api/command/:requestId': [{ path: '/api/command/1' }],
  'GET /api/token': [{}],
  'POST /api/token': HOSTILE,
  'DELETE /api/token/:id': [{ path: '/api/token/1' }],
  'GET /api/update': [{ path: '/api/update?limit=500' }],
  'GET /api/update/:installation': [{ path: '/api/update/1' }],
  'GET /api/job': [{ path: '/api/job?limit=500' }],
  'POST /api/job': [...HOSTILE, ...LARGE_JOBS],
  'POST /api/job/preview': [...HOSTILE, ...LARGE_JOBS],
  'GET /api/job/:id': [{ path: '/api/job/1' }],
  'PATCH /api/job/:id': [...HOSTILE, ...LARGE_JOBS].map((one) => ({ ...one, path: '/api/job/1' })),
  'DELETE /api/job/:id': [{ path: '/api/job/999999' }],
  'POST /api/job/:id/submit': [...HOSTILE, { body: '{}' }].map((one) => ({
    ...one,
    path: '/api/job/1/submit',
  })),
  'POST /api/job/:id/pause': [{ path: '/api/job/1/pause' }],
  'POST /api/job/:id/resume': [{ path: '/api/job/1/resume' }],
  'POST /api/job/:id/cancel': [{ path: '/api/job/999999/cancel' }],
  'POST /api/job/:id/retry': [{ path: '/api/job/1/retry', body: '{"which": "failed"}' }],
  'POST /api/job/:id/skip': [
    {
      path: '/api/job/1/skip',
      body: JSON.stringify({ clientids: Array.from({ length: 1000 }, (_, index) => `nobody-${index}`) }),
    },
  ],
  'GET /api/job/:id/execution': [{ path: '/api/job/1/execution?limit=500' }],
  'GET /api/job/:id/execution/:clientid': [{ path: `/api/job/1/execution/${FIRST}` }],
  'POST /api/job/:id/execution/:clientid/retry': [{ path: `/api/job/1/execution/${FIRST}/retry` }],
  'GET /api/job/:id/preview': [{ path: '/api/job/1/preview' }],
  'GET /api/job/:id/waiting': [{ path: '/api/job/1/waiting' }],
  'GET /api/job/:id/failures': [{ path: '/api/job/1/failures' }],
  'GET /api/job/:id/report.csv': [{ path: '/api/job/1/report.csv' }],
  'GET /api/stop': [{ path: '/api/stop?includeLifted=true&limit=500' }],
  'POST /api/stop': HOSTILE,
  'DELETE /api/stop/:id': [{ path: '/api/stop/999999' }],
  'GET /api/guard': [{ path: '/api/guard?limit=500' }],
  'PUT /api/guard/limit': HOSTILE,
  'POST /api/guard/release': HOSTILE,
  'GET /api/site': [{ path: '/api/site?limit=200' }, { path: '/api/site?limit=200&search=p' }],
  'GET /api/site/:site': [{ path: '/api/site/nowhere' }],
  'PUT /api/site/:site': [...HOSTILE, { path: '/api/site/nowhere', body: JSON.stringify(WORST_SITE) }],
  'DELETE /api/site/:site': [{ path: '/api/site/nobody' }],
  'GET /api/alarm': [{ path: '/api/alarm?state=cleared&limit=500' }, { path: '/api/alarm?limit=500' }],
  'GET /api/alarm/:id': [{ path: '/api/alarm/1' }],
  'POST /api/alarm/acknowledge': [...HOSTILE, { body: JSON.stringify({ ids: MANY_ALARMS, note: 'x' }) }],
  'POST /api/alarm/assign': [...HOSTILE, { body: JSON.stringify({ ids: MANY_ALARMS, to: 'ada' }) }],
  'POST /api/alarm/shelve': [...HOSTILE, { body: JSON.stringify({ ids: MANY_ALARMS, seconds: 60 }) }],
  'POST /api/alarm/unshelve': [...HOSTILE, { body: JSON.stringify({ ids: MANY_ALARMS }) }],
  'POST /api/alarm': [...HOSTILE, { body: JSON.stringify({ key: 'k'.repeat(200), text: 't'.repeat(500) }) }],
  'DELETE /api/alarm': [{ path: `/api/alarm?key=${'k'.repeat(200)}` }],
  'GET /api/alarm/rule': [{}],
  'PUT /api/alarm/rule': [...HOSTILE, { body: JSON.stringify({ id: 'x', kind: 'offline' }) }],
  'DELETE /api/alarm/rule/:id': [{ path: '/api/alarm/rule/none' }],
  'POST /tpe/gateways': [
    ...HOSTILE,
    { body: JSON.stringify({ server: 'tpe-server-main', search: '%_'.repeat(100) }) },
  ],
  'POST /tpe/operations': [...HOSTILE, { body: '{"server": "tpe-server-main"}' }],
  'POST /tpe/operation': HOSTILE,
  'POST /tpe/operation-words': [
    ...HOSTILE,
    { body: JSON.stringify({ server: 'tpe-server-main', language: 'ja', part: 'tasks' }) },
  ],
  'POST /tpe/operations/import': [
    ...HOSTILE,
    { body: JSON.stringify({ server: 'tpe-server-main', text: LARGE_OPERATIONS, dryRun: true }) },
    { body: JSON.stringify({ server: 'tpe-server-main', text: NOTED, dryRun: true }) },
    { body: JSON.stringify({ server: 'tpe-server-main', text: '['.repeat(4e6), dryRun: true }) },
  ],
  'POST /tpe/operations/export': [...HOSTILE, { body: '{"server": "tpe-server-main"}' }],
  'POST /tpe/operations/remove': HOSTILE,
  'POST /tpe/alarms/rules': [...HOSTILE, { body: '{"server": "tpe-server-main"}' }],
  'POST /tpe/alarms/rule': [
    ...HOSTILE,
    { body: JSON.stringify({ server: 'tpe-server-main', id: 'x', kind: 'offline', name: 'n'.repeat(100) }) },
  ],
  'POST /tpe/alarms/rule/remove': [...HOSTILE, { body: '{"server": "tpe-server-main", "id": "none"}' }],
  'POST /tpe/check': HOSTILE,
  'POST /tpe/try': HOSTILE,
  'POST /tpe/job/preview': [
    ...HOSTILE,
    {
      body: JSON.stringify({
        server: 'tpe-server-main',
        definition: { name: 'n', do: { command: { path: '/device/general' } }, targets: { all: true } },
      }),
    },
  ],
  'POST /tpe/command': HOSTILE,
  'POST /tpe-server/test': HOSTILE,
};

describe('hostile: what one caller asks of the routes keeps nobody waiting', () => {
  const open = opener('postgresql');
  let nodeRed: NodeRedProcess;
  let routes: Route[];
  let editorToken: string | undefined;
  let idle: number;
  let clockUrl: string;

  const read = async () => (await (await fetch(clockUrl)).json()) as number;

  before(async () => {
    const options = await open.options();
    if (options.kind !== 'postgresql') throw new Error('not a PostgreSQL database');
    await insertLargeFleet(options, GATEWAYS);
    const [clockPort, routesPort] = [await freePort(), await freePort()];
    const support = join(PROJECT_ROOT, 'dist/test/support');
    nodeRed = await startNodeRed({
      env: {
        DATABASE_URL: options.url,
        NODE_OPTIONS: `--require ${join(support, 'list-routes.js')} --require ${join(support, 'loop-clock-process.js')}`,
        ROUTES_PORT: String(routesPort),
        CLOCK_PORT: String(clockPort),
        TPE_SIMULATED_GATEWAYS: '0',
      },
    });
    clockUrl = `http://127.0.0.1:${clockPort}`;
    routes = (await (await fetch(`http://127.0.0.1:${routesPort}`)).json()) as Route[];
    editorToken = (await logInAtEditor(nodeRed, 'admin', nodeRed.adminPassword)).token;
    await idlePause(read);
    idle = await idlePause(read);
  });
  after(() => nodeRed?.stop());

  async function call(name: string, { path, body }: Call): Promise<number> {
    const [method = '', route = ''] = name.split(' ');
    const token = route.startsWith('/api/') ? nodeRed.token : editorToken;
    const response = await fetch(nodeRed.url + (path ?? route), {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: method === 'GET' ? null : typeof body === 'function' ? body() : (body ?? '{}'),
    });
    await response.arrayBuffer();
    return response.status;
  }

  it('with a table that knows all of ours', () => {
    const ours = routes
      .filter(({ path }) => /^\/(api|tpe|tpe-server)\//.test(path))
      .map(({ method, path }) => `${method} ${path}`);
    expect(Object.keys(CALLS).sort()).to.deep.equal([...new Set(ours)].sort());
  });

  it('the dashboard, with the largest message that it reads', async () => {
    const { cookie } = await logInAtDashboard(nodeRed, 'admin', nodeRed.adminPassword);
    const socket = await openDashboardSocket(nodeRed, cookie);
    const length = LARGEST_MESSAGE - 500;
    const names = Array.from({ length: length / 12 }, (_, index) => `{"${index.toString(36)}":1}`);
    const inputs = [
      `[${'{},'.repeat(length / 3)}{}]`,
      `${'['.repeat(length / 2)}${']'.repeat(length / 2)}`,
      `${'{"a":'.repeat(length / 6)}1${'}'.repeat(length / 6)}`,
      `[${names.join()}]`,
      `[${'1,'.repeat(length / 2)}1]`,
    ];
    const pause = await pauseDuring(read, async () => {
      for (const input of inputs) {
        const answer = await socket.askText('w-commands', 'commands.check', input);
        expect(answer.type).to.equal('refused');
      }
    });
    expect(pause, `ms; ${idle.toFixed(0)} of them where nothing is done`).to.be.below(
      MAX_PAUSE_MS + 2 * idle,
    );
    // What is larger is not read at all.
    socket.askText('w-commands', 'commands.check', `"${'x'.repeat(LARGEST_MESSAGE)}"`);
    await socket.closed;
  });

  for (const [name, calls] of Object.entries(CALLS)) {
    it(`${name}`, async () => {
      for (const one of calls) {
        const status = await call(name, one);
        expect(status, JSON.stringify(one).slice(0, 100)).to.satisfy(
          (is: number) => is < 500 || is === 503 || is === 504,
        );
      }
      const pause = await pauseDuring(read, () => Promise.all(calls.map((one) => call(name, one))));
      expect(pause, `ms; ${idle.toFixed(0)} of them where nothing is done`).to.be.below(
        boundMs(name) + 2 * idle,
      );
    });
  }
});
