import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import type { NodeMessage } from 'node-red';
import type { Caller } from '../../nodes/api/caller.js';
import type { Procedure } from '../../nodes/api/procedure.js';
import { PROCEDURES } from '../../nodes/api/procedures/index.js';
import { ROUTES } from '../../nodes/api/rest/index.js';
import { createLoadLimits } from '../../nodes/dashboard/server/load-limits.js';
import { openRpcServer } from '../../nodes/dashboard/server/rpc-server.js';
import { type SentMessage, unpackMessage } from '../../nodes/dashboard/wire/packed-rows.js';
import type { WidgetMessage } from '../../nodes/dashboard/wire/wire.js';
import type { DeviceManager } from '../../nodes/manager/device-manager.js';
import type { JobPreview, JobState } from '../../nodes/manager/jobs/job.js';
import {
  DEVICE_FILTER,
  type DeviceFilter,
  FILTER_KEYS,
  type FilterKey,
} from '../../nodes/manager/registry/device-filter.js';
import { openRest, restRoute } from '../../nodes/node-red/http/rest-route.js';
import tpeCommand from '../../nodes/tpe-command/tpe-command.js';
import tpeJob from '../../nodes/tpe-job/tpe-job.js';
import tpeRegister from '../../nodes/tpe-register/tpe-register.js';
import tpeStatus from '../../nodes/tpe-status/tpe-status.js';
import tpeUpdateInstall from '../../nodes/tpe-update-install/tpe-update-install.js';
import tpeUpdateScan from '../../nodes/tpe-update-scan/tpe-update-scan.js';
import { opener } from '../support/databases.js';
import { fakeServer } from '../support/fake-server.js';
import { enrollFilteredFleet, FILTER_CASES, FLEET, idsOf } from '../support/filtered-fleet.js';
import { openTestManager, type TestManager } from '../support/manager.js';
import { helper, inbox, nodeOf } from '../support/node-red-helper.js';
import { PROJECT_ROOT } from '../support/node-red-process.js';
import { runsOut } from '../support/patience.js';

const PACKAGES = join(PROJECT_ROOT, 'dist/nodes/manager/gateway-simulator/packages');
const MODULES = [tpeCommand, tpeRegister, tpeStatus, tpeUpdateScan, tpeUpdateInstall, tpeJob];
const ADMINISTRATOR: Caller = {
  ...{ id: null, name: 'test', role: 'administrator', address: null, door: 'dashboard', requestedBy: 'test' },
  ...{ hasLogin: true, isSignedIn: true, ownPassword: null },
};

const isOver = (state: JobState) => state === 'COMPLETED' || state === 'CANCELED';

/** What is not sure to say whom, for whatever sends. */
const NEVER: [string, unknown][] = [
  ['null', null],
  ['an empty text', ''],
  ['a blank text', '  '],
  ['a number that is no client id', 5.5],
  ['a timestamp', Date.now()],
  ['a yes', true],
  ['an empty list', []],
  ['a list of such numbers', [5.5]],
  ['a list of an empty text', ['']],
  ['a list of null', [null]],
  ['a list in a list', [['g01']]],
  ['a list of filters', [{ tag: 'north' }]],
  ['an unknown condition', { unknown: 1 }],
  ['one known and one unknown', { tag: 'north', colour: 'red' }],
  ['a filter in a filter', { filter: { tag: 'north' } }],
  ['a prototype', JSON.parse('{"__proto__": {"tag": "north"}}')],
  ['a tag that is a number', { tag: 5 }],
  ['a tag that is null', { tag: null }],
  ['a tag that is a list', { tag: ['north'] }],
  ['an unknown status', { status: 'asleep' }],
  ['an update that is a number', { hasUpdate: 1 }],
  ['ids that are a text', { clientids: 'g01' }],
  ['ids that are numbers', { clientids: [-1] }],
  ['no ids', { clientids: [] }],
  ['not all', { all: false }],
  ['all as a text', { all: 'true' }],
  ['all and a condition', { all: true, tag: 'north' }],
];
/** The whole fleet to what reads, and an error to what sends. */
const ONLY_READING: [string, unknown][] = [
  ['an empty filter', {}],
  ['a blank condition', { tag: '' }],
];
/** What only exists in a flow. */
const OF_FLOWS: [string, unknown][] = [
  ['a date', new Date()],
  ['a Map', new Map([['tag', 'north']])],
  ['a Buffer', Buffer.from('g01')],
  ['an empty Buffer', Buffer.alloc(0)],
];

interface Named {
  clientid: string;
}

interface Door {
  /** The gateways that a filter reaches by it. */
  reached(filter: DeviceFilter): Promise<string[]>;
  /** The code of the error that it ends with; null where it is taken. */
  refused(whom: unknown): Promise<string | null>;
  isOfFlows?: boolean;
  /** It sends: an empty filter is not everybody. */
  sends?: boolean;
}

describe('hostile: whom a request reaches', () => {
  const open = opener('pglite');
  let test: TestManager;
  let scanned: DeviceFilter[] = [];
  const server = createServer((request, response) =>
    restRoute(request, response, () => response.writeHead(404).end()),
  );
  let closeRest: (() => void) | null = null;

  before(async () => {
    test = await openTestManager(await open.options(), {
      commandTimeoutMs: runsOut(1000),
      repository: { kind: 'folder', folder: PACKAGES },
    });
    await enrollFilteredFleet(test);
    await test.manager.guard.stop({ scope: 'fleet', reason: '' }, 'test');
    await load();
    closeRest = openRest('/api', {
      callerOf: () => ADMINISTRATOR,
      manager: async () => watched(),
      onFault: (error) => expect.fail(String(error)),
    });
  });
  after(async () => {
    await helper.unload();
    closeRest?.();
    server.close();
    await test.manager.close();
  });

  /** The manager as it is; which filter a scan is begun with is written down. */
  function watched(): DeviceManager {
    const { updates } = test.manager;
    return {
      ...test.manager,
      close: async () => undefined,
      updates: {
        ...updates,
        async scan(filter, requestedBy) {
          const last = await updates.lastScan();
          if (last?.state === 'RUNNING') await updates.waitForScan(last.id);
          const progress = await updates.scan(filter, requestedBy);
          scanned.push(filter);
          return progress;
        },
      },
    };
  }

  /** A node of each type, and REST. */
  async function load(): Promise<void> {
    const at = { z: 'tab', x: 0, y: 0, server: 'server' };
    const nodes = ['tpe-command', 'tpe-register', 'tpe-status', 'tpe-update-scan'].map((type) => ({
      ...{ id: type, ...at, type, data: 'payload', dataType: 'msg' },
      wires: [['ends'], ['ends']],
    }));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    await helper.load(
      [fakeServer(async () => watched()), ...MODULES],
      [
        { id: 'server', type: 'tpe-server' },
        { id: 'tab', type: 'tab' },
        { id: 'catch', z: 'tab', x: 0, y: 0, type: 'catch', scope: null, wires: [['ends']] },
        ...nodes,
        { id: 'tpe-job', ...at, type: 'tpe-job', wires: [[], [], ['ends']] },
        { id: 'ends', ...at, type: 'helper', wires: [] },
        { id: 'first', ...at, type: 'tpe-command', path: '/first', wires: [['second'], ['second']] },
        { id: 'second', ...at, type: 'tpe-command', path: '/second', wires: [['behind'], ['behind']] },
        { id: 'behind', ...at, type: 'helper', wires: [] },
      ],
    );
    nodeOf('ends').on('input', (message: NodeMessage) => ends.get(message._msgid ?? '')?.(message));
  }

  const ends = new Map<string, (message: NodeMessage) => void>();
  let given = 0;
  /** Gives a message to a node; resolves when as many as are wanted came out of it, or it ended with an error. */
  function give(
    id: string,
    message: object,
    wanted: (all: NodeMessage[]) => boolean,
  ): Promise<NodeMessage[]> {
    given += 1;
    const _msgid = `message ${given}`;
    const all: NodeMessage[] = [];
    return new Promise((resolve) => {
      ends.set(_msgid, (end) => {
        all.push(end);
        if (end.error !== undefined || wanted(all)) resolve(all);
      });
      nodeOf(id).receive({ ...message, _msgid });
    });
  }
  const isOne = () => true;
  const isWhole = (all: NodeMessage[]) =>
    all.some((each) => (each.parts as { count?: number } | undefined)?.count === all.length);
  const codeOf = ([first]: NodeMessage[]) => (first?.error as { code?: string } | undefined)?.code ?? null;
  const payloadOf = <Value>([first]: NodeMessage[]) => first?.payload as Value;

  async function rest(
    method: string,
    path: string,
    body?: unknown,
    type = 'application/json',
  ): Promise<{ status: number; data: unknown }> {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, {
      method,
      headers: { 'content-type': type },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return { status: response.status, data: ((await response.json()) as { data: unknown }).data };
  }
  async function exported(filter: DeviceFilter): Promise<{ clientid: string }[]> {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/api/device/export?format=json&${query(filter)}`);
    return (await response.json()) as { clientid: string }[];
  }
  const restCode = ({ status, data }: { status: number; data: unknown }) =>
    status === 200 ? null : (data as { code: string }).code;

  /** Which gateways the scans since were for. */
  async function scannedBy(work: () => Promise<unknown>): Promise<string[]> {
    scanned = [];
    await work();
    expect(scanned).to.have.length(1);
    const found: { clientid: string }[] = [];
    for await (const device of test.manager.registry.each(scanned[0]!)) found.push(device);
    return idsOf(found);
  }

  /** Which gateways a job has, once they are recorded. It is ended then. */
  async function reachedBy(id: string): Promise<string[]> {
    const { jobs } = test.manager;
    while ((await jobs.get(id))?.state === 'CREATING') await new Promise(setImmediate);
    const { items } = await jobs.executions(id, { limit: 500 });
    if ((await jobs.get(id))?.state === 'RUNNING') await jobs.cancel(id, { by: 'test' });
    return idsOf(items);
  }

  async function askDashboard(ask: string, input: unknown): Promise<WidgetMessage> {
    const rpcServer = openRpcServer({
      procedures: new Map<string, Procedure<unknown, unknown>>(Object.entries(PROCEDURES)),
      manager: async () => watched(),
      limits: createLoadLimits(),
      event: 'tpedm:x',
      onEmit: () => undefined,
      onFault: () => undefined,
    });
    const account = { id: '1', name: 'test', fullName: '', role: 'administrator' };
    return await new Promise((resolve) =>
      rpcServer.take(
        { type: 'call', number: 1, procedure: ask, input },
        {
          ...{ id: 'socket', connected: true, data: { account } },
          emit: (_event, message) => resolve(unpackMessage(message as SentMessage)),
        },
      ),
    );
  }
  const answerOf = (message: WidgetMessage) => (message.type === 'answer' ? message.value : message);
  const refusalOf = (message: WidgetMessage) => (message.type === 'refused' ? message.code : null);

  const query = (filter: object) =>
    new URLSearchParams(
      Object.entries(filter).flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)])),
    );

  /** The procedures of the dashboard that take a filter, found by its schema, and what else they take. */
  const FILTERED = Object.entries(PROCEDURES).filter(([, { input }]) =>
    Object.values((input as { properties?: object }).properties ?? {}).includes(DEVICE_FILTER),
  );
  const BESIDE: Record<string, object> = {
    'gateways.export': { format: 'json' },
    'gateways.tagMatching': { add: ['by a filter'], confirm: '0' },
    'updates.startScan': {},
  };
  const REACHED: Record<string, (filter: DeviceFilter) => Promise<string[]>> = {
    'gateways.export': async (filter) =>
      idsOf(
        JSON.parse(
          (answerOf(await askDashboard('gateways.export', { filter, format: 'json' })) as { text: string })
            .text,
        ),
      ),
    async 'gateways.tagMatching'(filter) {
      const mark = '~';
      const { registry } = test.manager;
      const confirm = String((await registry.counts(filter)).total);
      answerOf(await askDashboard('gateways.tagMatching', { filter, add: [mark], confirm }));
      const marked = idsOf((await registry.list({ tag: mark, limit: 1000 })).devices);
      await registry.tagMany(marked, { add: [], remove: [mark] });
      return marked;
    },
    'updates.startScan': (filter) => scannedBy(() => askDashboard('updates.startScan', { filter })),
  };

  const DOORS: Record<string, Door> = {
    'tpe-command': {
      isOfFlows: true,
      sends: true,
      reached: async (filter) => {
        const all = await give(
          'tpe-command',
          { clientid: filter, path: '/device/general', wait: false },
          isWhole,
        );
        return all.map(({ clientid }) => clientid as string).toSorted();
      },
      refused: async (clientid) =>
        codeOf(await give('tpe-command', { clientid, path: '/x', wait: false }, isWhole)),
    },
    'tpe-job': {
      isOfFlows: true,
      sends: true,
      async reached(targets) {
        const [begun] = await give('tpe-job', { targets, method: 'GET', path: '/device/general' }, isOne);
        return await reachedBy((begun!.payload as { id: string }).id);
      },
      refused: async (targets) => codeOf(await give('tpe-job', { targets, path: '/x' }, isOne)),
    },
    'tpe-update-scan, the payload': {
      isOfFlows: true,
      reached: (payload) => scannedBy(() => give('tpe-update-scan', { payload }, isOne)),
      refused: async (payload) => codeOf(await give('tpe-update-scan', { payload }, isOne)),
    },
    'tpe-update-scan, msg.filter': {
      isOfFlows: true,
      reached: (filter) => scannedBy(() => give('tpe-update-scan', { filter, payload: 5 }, isOne)),
      refused: async (filter) => codeOf(await give('tpe-update-scan', { filter }, isOne)),
    },
    'tpe-register list': {
      isOfFlows: true,
      reached: async (payload) =>
        idsOf(payloadOf(await give('tpe-register', { action: 'list', payload }, isOne))),
      refused: async (payload) => codeOf(await give('tpe-register', { action: 'list', payload }, isOne)),
    },
    'tpe-register export': {
      isOfFlows: true,
      reached: async (payload) =>
        idsOf(
          JSON.parse(
            payloadOf(await give('tpe-register', { action: 'export', format: 'json', payload }, isOne)),
          ),
        ),
      refused: async (payload) => codeOf(await give('tpe-register', { action: 'export', payload }, isOne)),
    },
    'tpe-status': {
      isOfFlows: true,
      reached: async (payload) => idsOf(payloadOf(await give('tpe-status', { payload }, isOne))),
      refused: async (payload) => codeOf(await give('tpe-status', { payload }, isOne)),
    },
    'GET /api/device': {
      reached: async (filter) =>
        idsOf((await rest('GET', `/api/device?${query(filter)}`)).data as { clientid: string }[]),
      refused: async () => 'not asked by a body',
    },
    'GET /api/device/export': {
      reached: async (filter) => idsOf(await exported(filter)),
      refused: async () => 'not asked by a body',
    },
    'PUT /api/device/checkUpdate': {
      reached: (filter) => scannedBy(() => rest('PUT', '/api/device/checkUpdate', filter)),
      refused: async (body) => restCode(await rest('PUT', '/api/device/checkUpdate', body)),
    },
    'gateways.page': {
      reached: async (filter) =>
        idsOf(
          (answerOf(await askDashboard('gateways.page', { limit: 100, ...filter })) as { items: Named[] })
            .items,
        ),
      refused: async (whom) =>
        typeof whom !== 'object' || whom === null || Array.isArray(whom)
          ? 'not asked by one value'
          : refusalOf(await askDashboard('gateways.page', { limit: 100, ...whom })),
    },
    ...jobDoors(),
    'the registry': {
      isOfFlows: true,
      reached: async (filter) => idsOf((await test.manager.registry.list(filter)).devices),
      refused: (whom) =>
        test.manager.registry.counts(whom as DeviceFilter).then(
          () => null,
          (error: { code: string }) => error.code,
        ),
    },
    ...Object.fromEntries(
      FILTERED.map(([name]) => [
        name,
        {
          reached: (filter: DeviceFilter) => REACHED[name]!(filter),
          refused: async (filter: unknown) =>
            refusalOf(await askDashboard(name, { filter, ...BESIDE[name] })),
        },
      ]),
    ),
  };

  /** A job changes something, and all that does so is stopped: its gateways are recorded, and nothing is sent. */
  function jobFor(targets: unknown): object {
    const command = { method: 'PUT', path: '/system/led', requestBody: {} };
    return { name: 'a job', do: { command: { ...command, check: 'warn' } }, targets };
  }

  async function gatewaysOf(id: string): Promise<string[]> {
    const { jobs, events } = test.manager;
    const recorded = new Promise<void>((resolve) => {
      events.on('job', ({ job }) => job.id === id && !['DRAFT', 'CREATING'].includes(job.state) && resolve());
    });
    const { state, steps } = (await jobs.get(id))!;
    expect(steps).to.have.length(1);
    if (state === 'DRAFT') await jobs.submit(id, { by: 'test', confirm: await numberOf(id) });
    if (state !== 'PAUSED') await recorded;
    const { items } = await jobs.executions(id, { limit: 500 });
    // What is under way would send after the next test has looked at what was sent.
    const ended = new Promise<void>((resolve) => {
      events.on('job', ({ job }) => job.id === id && isOver(job.state) && resolve());
    });
    if (isOver((await jobs.get(id))!.state)) return idsOf(items);
    // It may have ended meanwhile.
    await jobs.cancel(id, { by: 'test' }).catch(() => undefined);
    await ended;
    return idsOf(items);
  }
  async function numberOf(id: string): Promise<string> {
    const preview = await test.manager.jobs.preview((await test.manager.jobs.get(id))!.definition);
    return String(preview.total);
  }

  /** The doors through which jobs come. All say whom in `targets`, by ids, a filter or `all`. */
  function jobDoors(): Record<string, Door> {
    const doorOf = (
      ask: (definition: object) => Promise<unknown>,
      codeOf: (answer: never) => string | null,
      reachedBy: (answer: never) => Promise<string[]>,
    ): Door => ({
      sends: true,
      reached: async (filter) => await reachedBy((await ask(jobFor({ filter }))) as never),
      async refused(whom) {
        const codes: (string | null)[] = [];
        // This one is the way to say it here.
        const isRight = Object.keys(whom ?? {}).join() === 'filter';
        for (const targets of [...(isRight ? [] : [whom]), { filter: whom }, { ids: whom }])
          codes.push(codeOf((await ask(jobFor(targets))) as never));
        return codes.includes(null) ? null : codes[0]!;
      },
    });
    const idIn = (data: unknown) => (data as { id: string }).id;
    const seenIn = (data: unknown) => {
      const { bodies, leftOut } = data as JobPreview;
      const all = [
        ...bodies.map(({ clientid }) => clientid),
        ...leftOut.flatMap(({ clientids }) => clientids),
      ];
      return [...new Set(all)].toSorted();
    };
    const draft = async () => (await test.manager.jobs.create(jobFor({ ids: ['g01'] }), { by: 'test' })).id;
    return {
      'POST /api/job': doorOf(
        (body) => rest('POST', '/api/job', body),
        restCode,
        ({ data }: { data: unknown }) => gatewaysOf(idIn(data)),
      ),
      'PATCH /api/job/{id}': doorOf(
        async (body) => {
          const id = await draft();
          const { targets } = body as { targets: unknown };
          const told = await rest('PATCH', `/api/job/${id}`, {
            targets: targets === undefined ? null : targets,
          });
          if (told.status !== 200) await test.manager.jobs.remove(id, { by: 'test' });
          return told;
        },
        restCode,
        ({ data }: { data: unknown }) => gatewaysOf(idIn(data)),
      ),
      'POST /api/job/preview': doorOf(
        (body) => rest('POST', '/api/job/preview', body),
        restCode,
        async ({ data }: { data: unknown }) => seenIn(data),
      ),
      'jobs.preview': doorOf(
        (definition) => askDashboard('jobs.preview', { definition }),
        refusalOf,
        async (message: WidgetMessage) => seenIn(answerOf(message)),
      ),
      'jobs.create': doorOf(
        (definition) => askDashboard('jobs.create', { definition }),
        refusalOf,
        (message: WidgetMessage) => gatewaysOf(idIn(answerOf(message))),
      ),
      'jobs.start': doorOf(
        async (definition) => {
          const preview = await test.manager.jobs.preview(definition).catch(() => null);
          const confirm = String(preview?.total);
          return await askDashboard('jobs.start', { definition, confirm, previewHash: 'of another' });
        },
        refusalOf,
        (message: WidgetMessage) => gatewaysOf(idIn(answerOf(message))),
      ),
    };
  }

  it('knows every procedure of the dashboard that takes a filter', () => {
    expect(FILTERED.map(([name]) => name)).to.have.members(Object.keys(BESIDE));
    expect(Object.keys(REACHED)).to.have.members(Object.keys(BESIDE));
  });

  it('knows every call of REST that takes a filter', () => {
    const hasFilter = (schema: object): boolean => {
      const { properties = {}, anyOf = [] } = schema as { properties?: object; anyOf?: object[] };
      const { targets, filter } = properties as { targets?: object; filter?: object };
      const within = [...anyOf, targets, filter].filter((one) => one !== undefined);
      return FILTER_KEYS.every((key) => Object.hasOwn(properties, key)) || within.some(hasFilter);
    };
    const takesFilter = ROUTES.filter(
      ({ query, body }) => hasFilter(query) || (body?.kind === 'json' && hasFilter(body.schema)),
    );
    for (const { method, path } of takesFilter) expect(DOORS).to.have.property(`${method} /api${path}`);
    expect(takesFilter).to.have.length(6);
  });

  for (const [name, rpcServer] of Object.entries(DOORS)) {
    it(`is the same for every condition: ${name}`, async () => {
      for (const key of FILTER_KEYS) {
        const [value, gateways] = FILTER_CASES[key as FilterKey];
        expect(await rpcServer.reached({ [key]: value }), key).to.deep.equal(gateways);
      }
      const { tag, model } = FILTER_CASES;
      expect(await rpcServer.reached({ tag: tag[0], model: model[0] })).to.deep.equal(['g03']);
    });

    it(`is never everybody by mistake: ${name}`, async () => {
      const before = await sent();
      const shapes = [
        ...NEVER,
        ...(rpcServer.isOfFlows ? OF_FLOWS : []),
        ...(rpcServer.sends ? [...ONLY_READING, ['nothing', undefined] as [string, unknown]] : []),
      ];
      for (const [what, whom] of shapes) {
        // A client id of digits, as far as a command can tell: it is refused for the gateway, which is not there.
        if (['tpe-command', 'tpe-job'].includes(name) && what === 'a timestamp') continue;
        // As a job has it: {"filter": {...}}.
        if (name === 'tpe-job' && what === 'a filter in a filter') continue;
        expect(await rpcServer.refused(whom), `${name}: ${what}`).to.be.a('string');
      }
      expect(await sent()).to.deep.equal(before);
    });
  }

  it('is the whole fleet where that is said, and for what reads where nothing is', async () => {
    const { 'tpe-command': command, 'tpe-register list': list, ...others } = DOORS;
    expect(await command!.reached({ all: true } as DeviceFilter)).to.deep.equal(FLEET);
    for (const name of ['tpe-update-scan, the payload', 'tpe-register export']) {
      expect(await others[name]!.reached({ all: true } as DeviceFilter), name).to.deep.equal(FLEET);
      expect(await others[name]!.reached({}), name).to.deep.equal(FLEET);
    }
    expect(await list!.reached({})).to.deep.equal(FLEET);
    expect(await scannedBy(() => give('tpe-update-scan', {}, isOne))).to.deep.equal(FLEET);
    expect(await scannedBy(() => rest('PUT', '/api/device/checkUpdate'))).to.deep.equal(FLEET);
  });

  it('is not the whole fleet where a condition is taken from what is not there', async () => {
    const before = await sent();
    for (const name of ['tpe-command', 'tpe-update-scan, the payload', 'tpe-update-scan, msg.filter']) {
      for (const whom of [{ tag: undefined }, { all: true, tag: undefined }, { all: undefined }]) {
        expect(await DOORS[name]!.refused(whom), name).to.equal('INVALID_INPUT');
      }
    }
    expect(await DOORS['tpe-register export']!.refused({ site: undefined })).to.equal('INVALID_INPUT');
    expect(await sent()).to.deep.equal(before);
  });

  it('is not the whole fleet where it stands where nobody looks: in a query, or as another type of body', async () => {
    const before = await sent();
    const path = '/api/device/checkUpdate';
    for (const text of ['?tag=north', '?clientid=g01', '?all=false']) {
      expect(restCode(await rest('PUT', `${path}${text}`)), text).to.equal('INVALID_INPUT');
      expect(restCode(await rest('PUT', `${path}${text}`, { tag: 'north' })), text).to.equal('INVALID_INPUT');
    }
    for (const type of [
      'text/plain',
      'application/octet-stream',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const told = await rest('PUT', path, { tag: 'north' }, type);
      expect(told.status, type).to.be.oneOf([400, 404, 415]);
    }
    expect(await sent()).to.deep.equal(before);
  });

  it('takes ids for those alone, and knows which is none', async () => {
    expect(await scannedBy(() => give('tpe-update-scan', { payload: ['g01', 'g02'] }, isOne))).to.deep.equal([
      'g01',
      'g02',
    ]);
    expect(await scannedBy(() => give('tpe-update-scan', { payload: 'g05' }, isOne))).to.deep.equal(['g05']);
    scanned = [];
    expect(codeOf(await give('tpe-update-scan', { payload: 'abc' }, isOne))).to.equal('NOT_FOUND');
    expect(codeOf(await give('tpe-update-scan', { payload: ['g01', 'abc'] }, isOne))).to.equal('NOT_FOUND');
    expect(scanned).to.deep.equal([]);
  });

  it('is one for each answer: of two commands in a row the second goes to each gateway once', async () => {
    const behind = inbox('behind');
    const whom = ['g01', 'g02', 'g03', 'g04'];
    nodeOf('first').receive({ clientid: whom });
    const answers = await Promise.all(whom.map(() => behind.next()));
    expect(answers.map(({ clientid }) => clientid).toSorted()).to.deep.equal(whom);
    const { commands } = test.manager;
    const second = (await commands.list({ limit: 500 })).filter(({ path }) => path === '/second');
    expect(second.map(({ clientid }) => clientid).toSorted()).to.deep.equal(whom);
  });

  /** What a request that was refused must not have added to. */
  async function sent(): Promise<unknown> {
    const [newest] = await test.manager.commands.list({ limit: 1 });
    return [newest?.requestId, scanned.length];
  }
});
