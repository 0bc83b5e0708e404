import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { expect } from 'chai';
import type { Procedure } from '../../nodes/api/procedure.js';
import { PROCEDURES, type ProcedureName } from '../../nodes/api/procedures/index.js';
import { LANGUAGES } from '../../nodes/api/words/languages.js';
import type { DashboardSocket } from '../../nodes/dashboard/server/caller.js';
import { createLoadLimits } from '../../nodes/dashboard/server/load-limits.js';
import { openRpcServer, type RpcServer } from '../../nodes/dashboard/server/rpc-server.js';
import { LARGEST_PART } from '../../nodes/dashboard/wire/message-sizes.js';
import type { WidgetMessage } from '../../nodes/dashboard/wire/wire.js';
import { LAST_ANSWERED } from '../../nodes/manager/commands/last-answered.js';
import { writeCursor } from '../../nodes/manager/registry/device-cursor.js';
import { opener } from '../support/databases.js';
import { RUNS } from '../support/hostile.js';
import { insertLargeFleet } from '../support/large-fleet.js';
import { LARGE_OPERATIONS, notedOperations } from '../support/large-operations.js';
import {
  idlePause,
  type LoopClock,
  MAX_PAUSE_MS,
  pauseDuring,
  startLoopClock,
} from '../support/loop-clock.js';
import { openTestManager, type TestManager } from '../support/manager.js';
import { runsOut } from '../support/patience.js';
import { WORST_SITE } from '../support/worst-site.js';

const IS_LONG = RUNS > 500;
const GATEWAYS = IS_LONG ? 90_000 : 10_000;
/** What one person may send by one message, and a little more. */
const ROWS = IS_LONG ? 90_000 : 15_000;

/** Behind those that are measured. */
const FIRST_ATTEMPT = 100;

const REPOSITORY = join(__dirname, '../../nodes/manager/gateway-simulator/packages');
const LONG = 'x'.repeat(200);
const FIRST = 'LARGE000001';
const SOME = Array.from({ length: 500 }, (_, index) => `LARGE${String(index + 1).padStart(6, '0')}`);
const NOBODY = Array.from({ length: 1000 }, (_, index) => `nobody-${index}`);
/** The cursor of a list that begins with its first gateway. */
const BEGINNING = writeCursor({ sort: 'clientid', descending: false }, { key: '', clientid: '' });
const CRON = '1,'.repeat(80_000);
const WIDE = Array.from({ length: 40_000 }, () => 0);

const MALFORMED = new Set<unknown>();
/** Refused for its form, and that for little; all others have to reach the work that they are meant for. */
function malformed(input: unknown): unknown {
  MALFORMED.add(input);
  return input;
}

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

function csv(rows: number, attempt: number): string {
  const lines = Array.from(
    { length: rows },
    (_, row) => `${((row * 7919) % rows).toString(36)}-${attempt},a;b,Plant ${row % 9}`,
  );
  return ['clientid,tags,site', ...lines, ''].join('\n');
}

function json(rows: number, attempt: number): string {
  return JSON.stringify(
    Array.from({ length: rows }, (_, row) => ({ clientid: `j-${row}-${attempt}`, note: 'n' })),
  );
}

/** As large as they may be, in encodings that have to be found. */
const NOT_UTF8 = [
  Buffer.from(`clientid,site\n${'gw,Gr\u00fc\u00dfe\n'.repeat(480_000)}`, 'latin1'),
  Buffer.concat([
    Buffer.from('clientid,site\n'),
    Buffer.alloc(4_900_000, Buffer.from([0xb0, 0xaa, 0xb6, 0xaf, 0x0a])),
  ]),
  Buffer.concat([Buffer.from('clientid,site\n'), Buffer.alloc(4_900_000, 0xb0)]),
  Buffer.from(`clientid\tsite\n${'gw\tx\n'.repeat(480_000)}`, 'utf16le'),
];
/** What each value is looked through for. */
const PECULIAR = [
  `clientid,tags\n${'="001","a,b"\n'.repeat(300_000)}`,
  `clientid,note\n${`gw,${'\u201c'.repeat(2000)}\n`.repeat(800)}`,
  `clientid,note\n${`gw,${"'".repeat(25_000)}\n`.repeat(190)}`,
  `[${'{"clientid":"gw"},'.repeat(250_000)}{"clientid":'gw'}]`,
].map((text) => Buffer.from(text));

/** There from the beginning, one for each attempt. */
const PEOPLE = new Map<number, { id: string; name: string }>();
function person(attempt: number): { id: string; name: string } {
  return PEOPLE.get(attempt) ?? { id: 'nobody', name: 'nobody' };
}

const CRON_OPERATION = 'put-system-update-settings';
const commands = [
  { operation: CRON_OPERATION, requestBody: { autoScanExpression: CRON } },
  { method: 'PUT', path: '/system/update/settings', requestBody: { autoScanExpression: CRON } },
  { method: 'PUT', path: '/system/update/settings', requestBody: WIDE },
  { method: 'POST', path: '/modbusmaster/config/mcmds', requestBody: WIDE.map(() => ({})) },
  { method: 'PATCH', path: '/device/general', requestBody: deep(5000) },
  {
    method: 'PATCH',
    path: '/device/general',
    requestBody: Object.fromEntries(WIDE.map((_, n) => [`name ${n}`, n])),
  },
  { operation: CRON_OPERATION, params: Object.fromEntries(WIDE.map((_, n) => [`name ${n}`, n])) },
];
const JOB = {
  name: 'all',
  do: { command: { method: 'GET', path: '/device/time' } },
  targets: { all: true },
  rollout: { maxPerMinute: 0.1, maxInProgress: 1 },
};
const largeJobs = [
  JOB,
  { ...JOB, targets: { filter: { search: 'a' } } },
  { ...JOB, do: { steps: Array.from({ length: 20 }, () => ({ command: { path: '/device/time' } })) } },
  {
    ...JOB,
    do: {
      command: { method: 'PATCH', path: '/device/general', requestBody: { hostName: '{{value.name}}' } },
    },
    perTarget: SOME.map((clientid, index) => ({ clientid, name: `pump-${index}` })),
  },
];
/** A job of the whole fleet, which is there from the beginning. */
let jobId = '';
const job = () => ({ id: jobId });
/** A draft with values for single gateways, likewise. */
let draftId = '';
const nothing = [{}, malformed(deep(20_000))];
const one = [{ clientid: FIRST }, { clientid: LONG }, malformed({ clientid: deep(20_000) })];
const lists = [{ limit: 100 }, { limit: 100, clientid: FIRST }, { limit: 100, cursor: '9'.repeat(18) }];
const id = [{ id: '9'.repeat(18) }];
const requestId = [{ requestId: '9'.repeat(18) }];

/** The largest that each takes, and what means harm. A new one has to be given here. */
const LARGEST: Record<ProcedureName, (attempt: number) => readonly unknown[]> = {
  'gateways.search': () => [{ search: '' }, { search: '%_'.repeat(100) }, { search: 'zzzz no such gateway' }],
  'gateways.page': () => [
    { limit: 100 },
    { limit: 100, redundancy: 'Pair 40000', sort: 'redundancy' },
    { limit: 100, search: '%_'.repeat(100), hasUpdate: true, sort: 'site', descending: true },
    { limit: 100, clientids: NOBODY, cursor: 'A'.repeat(2000) },
    malformed({ limit: 100, clientids: WIDE }),
  ],
  'gateways.one': () => one,
  'gateways.connection': () => one,
  'gateways.timeline': () => [
    { clientid: FIRST, hours: 720 },
    { clientid: LONG, hours: 720 },
  ],
  'gateways.timelinePage': () => [
    { clientid: FIRST, limit: 200 },
    { clientid: LONG, limit: 200, since: '1970-01-01', cursor: 'A'.repeat(2000) },
    malformed({ clientid: FIRST, limit: 200, kinds: WIDE }),
  ],
  'gateways.nextStep': () => one,
  'gateways.export': () => [
    ...Array.from({ length: 40 }, () => ({ filter: {}, format: 'csv' })),
    { filter: { search: 'a', hasUpdate: true, clientids: NOBODY }, format: 'json' },
    { filter: {}, format: 'csv', cursor: 'A'.repeat(2000) },
    malformed({ filter: { clientids: WIDE }, format: 'csv' }),
  ],
  'gateways.refresh': () => one,
  'gateways.refreshMany': () => [{ clientids: SOME.slice(0, 100) }, malformed({ clientids: WIDE })],
  'gateways.tagMatching': (attempt) => [
    {
      filter: { clientids: SOME },
      add: Array.from({ length: 20 }, (_, index) => `m${attempt}-${index}`),
      remove: Array.from({ length: 50 }, (_, index) => `m${attempt - 1}-${index}`),
      confirm: '500',
    },
    { filter: { search: '%_'.repeat(100) }, remove: ['nobody has it'], confirm: '0' },
    { filter: {}, remove: ['nobody has it'], confirm: '', cursor: BEGINNING },
    malformed({ filter: { clientids: WIDE }, confirm: '1' }),
  ],
  'gateways.change': () => [
    {
      clientids: SOME,
      addTags: Array.from({ length: 50 }, (_, index) => `t${index}`),
      note: 'n'.repeat(2000),
      redundancy: 'r'.repeat(200),
    },
    malformed({ clientids: WIDE }),
  ],
  'gateways.rotate': () => [{ clientid: FIRST, confirm: FIRST }],
  'gateways.statuses': () => [{ clientids: SOME }],
  'gateways.rotateMany': () => [{ clientids: SOME, confirm: '500' }],
  'gateways.retire': (attempt) => {
    const clientids = Array.from(
      { length: 500 },
      (_, index) => `LARGE${String(1001 + attempt * 500 + index).padStart(6, '0')}`,
    );
    return [{ clientids, confirm: '500' }];
  },
  'fleet.statistics': () => nothing,
  'fleet.overTime': () => [{ hours: 720, points: 200 }],
  'fleet.events': () => [{ limit: 100 }],
  'fleet.health': () => nothing,
  'fleet.marks': () => nothing,
  'find.all': (attempt) => [
    { text: `${attempt}`.padEnd(200, 'x'), language: 'ja' },
    { text: 'set '.repeat(50), language: 'de' },
    { text: '1', language: 'en-US' },
  ],
  'wall.state': () => nothing,
  'commands.operations': () => nothing,
  'commands.operation': () => [{ id: 'post-modbusmaster-config-mcmds' }, { id: LONG }],
  'commands.words': () =>
    LANGUAGES.flatMap((language) => [
      { language, part: 'tasks' },
      { language, part: 'fields' },
      { language, part: 'faults' },
    ]),
  'commands.check': () => [
    ...commands,
    { ...commands[0], skip: Array.from({ length: 1000 }, () => `/requestBody/${'x'.repeat(200)}`) },
  ],
  'commands.send': () => [
    { clientids: SOME, operation: 'get-apps-get-all-apps' },
    // Each gateway's is checked by itself.
    ...commands.map((command) => ({ clientids: SOME.slice(0, 20), ...command, confirm: '20' })),
    // So is the body of its own.
    {
      ...{ clientids: SOME.slice(0, 20), operation: 'put-system-upgrade', confirm: '20' },
      bodies: SOME.slice(0, 20).map((clientid) => ({
        clientid,
        requestBody: { caName: 'x'.repeat(10_000) },
      })),
    },
  ],
  'commands.sendOne': () => commands.map((command) => ({ clientid: FIRST, ...command, confirm: FIRST })),
  'commands.read': () => [
    { operation: 'get-device-ethernets-id', params: { id: 1 }, clientids: SOME.slice(0, 20) },
    {
      operation: 'get-device-ethernets-id',
      params: { id: 'x'.repeat(1000) },
      clientids: SOME.slice(0, 20),
    },
  ],
  'commands.wait': () => [{ ...requestId[0], waitMs: 25_000 }],
  'commands.list': () => lists,
  'commands.one': () => requestId,
  'commands.lastAnswers': () => [{ clientid: FIRST, operations: [...LAST_ANSWERED] }],
  'commands.some': () => [{ requestIds: Array.from({ length: 500 }, (_, index) => String(index + 1)) }],
  'commands.cancel': () => requestId,
  'updates.scan': () => nothing,
  'updates.startScan': () => [{ filter: {} }],
  'updates.stopScan': () => nothing,
  'updates.groups': () => nothing,
  'updates.gateways': () => [
    { group: 'h.x', limit: 500 },
    { group: 'x'.repeat(100), limit: 500, cursor: LONG },
  ],
  'updates.one': () => one,
  'updates.install': () => [{ clientids: SOME, confirm: '500' }],
  'updates.overview': () => nothing,
  'updates.coverage': () => nothing,
  'updates.retry': () => [
    { ids: Array.from({ length: 50 }, (_, index) => String(index + 1)), confirm: '50' },
  ],
  'updates.installations': () => lists,
  'updates.installation': () => id,
  'updates.cancel': () => id,
  'registration.settings': () => one,
  'registration.register': (attempt) => [
    { clientid: `new-${attempt}`, note: 'n'.repeat(10_000) },
    {
      clientid: `other-${attempt}`,
      note: 'n'.repeat(2000),
      redundancy: 'r'.repeat(200),
      tags: Array.from({ length: 50 }, (_, index) => `t${index}`),
    },
  ],
  'registration.preview': (attempt) => [
    { text: csv(ROWS, attempt), format: 'csv' },
    { text: json(ROWS, attempt), format: 'json' },
    ...[...NOT_UTF8, ...PECULIAR].map((bytes) => ({ text: bytes.toString('base64'), isBase64: true })),
    { text: '\n'.repeat(5_000_000), format: 'csv' },
    { text: `clientid\n"${'x'.repeat(4_900_000)}`, format: 'csv' },
    { text: `clientid\n${'x,'.repeat(2_400_000)}`, format: 'csv' },
    { text: 'clientid,'.repeat(500_000), format: 'csv' },
    { text: 'clientid\n!\n'.repeat(450_000), format: 'csv' },
    { text: '['.repeat(5_000_000), format: 'json' },
    { text: `[${'{},'.repeat(1_600_000)}{}]`, format: 'json' },
    { text: `[${'[],'.repeat(16)}${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}]`, format: 'json' },
    { text: `["${'\\"'.repeat(2_400_000)}"]`, format: 'json' },
  ],
  'registration.import': (attempt) => [
    { text: csv(ROWS, attempt), format: 'csv' },
    { text: json(ROWS, attempt), format: 'json' },
  ],
  'flow.news': () => nothing,
  'people.me': () => nothing,
  'people.changeOwnPassword': (attempt) => [{ old: `${attempt} ${'o'.repeat(900)}`, new: 'n'.repeat(900) }],
  'people.list': () => nothing,
  'people.create': (attempt) => [
    { name: `new-${attempt}`, role: 'viewer', password: `${attempt} ${'p'.repeat(900)}` },
  ],
  'people.change': () => [
    { user: person(0), fullName: LONG },
    { user: person(1), role: 'operator', confirm: 'viewer > operator' },
    { user: person(1), role: 'viewer', confirm: 'operator > viewer' },
  ],
  'people.setPassword': (attempt) => [{ user: person(0), password: `${attempt} ${'q'.repeat(900)}` }],
  'people.endSessions': () => [{ user: person(0) }],
  'people.remove': (attempt) => [{ user: person(attempt) }],
  'tokens.mine': () => nothing,
  'tokens.list': () => nothing,
  'views.mine': () => nothing,
  'views.create': (attempt) => [
    { page: 'ui-tpe-gateways', name: `${attempt}`.padEnd(80, 'v'), query: 'q'.repeat(2000) },
  ],
  'views.change': () => [{ id: '9'.repeat(19), change: { name: 'v'.repeat(80), query: 'q'.repeat(2000) } }],
  'views.remove': () => [{ id: '9'.repeat(19) }],
  'tokens.create': (attempt) => [{ name: `${attempt}`.padEnd(60, 't'), role: 'administrator', days: 365 }],
  'tokens.revoke': () => [{ id: '9'.repeat(19) }],
  'audit.list': () => [
    { limit: 100 },
    { limit: 100, who: LONG, action: 'x'.repeat(100), since: '1970-01-01' },
  ],
  'audit.export': () => [
    ...Array.from({ length: 40 }, () => ({})),
    { who: LONG },
    { cursor: '9'.repeat(18) },
  ],
  'jobs.list': () => [{ limit: 100 }, { limit: 100, state: 'DRAFT' }, { limit: 100, cursor: '9'.repeat(18) }],
  'jobs.one': () => [...id, job()],
  'jobs.definition': () => [...id, job()],
  'jobs.preview': () => [
    ...[...largeJobs, deep(20_000)].map((definition) => ({ definition })),
    { id: draftId },
  ],
  'jobs.create': (attempt) =>
    largeJobs.map((definition, place) => ({ definition, idempotencyKey: `${attempt} ${place}` })),
  'jobs.submit': () => id,
  'jobs.start': () => [{ definition: JOB, previewHash: 'x' }],
  'jobs.change': () => [
    { ...job(), change: { note: 'n'.repeat(2000) } },
    { ...id[0], change: { targets: { ids: NOBODY } } },
    { ...job(), change: deep(20_000) },
  ],
  'jobs.remove': () => id,
  'jobs.pause': () => [job()],
  'jobs.resume': () => [job()],
  'jobs.cancel': () => id,
  'jobs.retry': () => [
    { ...job(), which: 'failed' },
    { ...job(), which: 'model', model: LONG },
    { ...job(), which: 'reason', code: LONG.repeat(10), model: LONG, firmware: LONG },
  ],
  'jobs.skip': () => [{ ...job(), clientids: SOME }],
  'jobs.executions': () => [
    { ...job(), limit: 500 },
    { ...job(), limit: 500, state: 'QUEUED', waitingFor: 'offline', site: LONG, reason: LONG },
    { ...job(), limit: 500, cursor: LONG },
    { ...job(), limit: 500, order: 'urgency' },
  ],
  'jobs.execution': () => [
    { ...job(), clientid: FIRST },
    { ...job(), clientid: LONG },
  ],
  'jobs.waiting': () => [job()],
  'jobs.failures': () => [job()],
  'jobs.progress': () => [job()],
  'jobs.sites': () => [job()],
  'jobs.log': () => [job()],
  'jobs.ofGateway': () => one,
  'stops.active': () => nothing,
  'stops.stop': (attempt) => [{ scope: 'site', value: `nowhere ${attempt}`, reason: 'r'.repeat(500) }],
  'stops.lift': () => [{ ...id[0], confirm: LONG }],
  'guard.holds': () => [{ limit: 100 }, { limit: 100, scope: 'site', value: LONG }],
  'guard.release': () => [{ clientid: FIRST, owner: { kind: 'flow', id: LONG }, reason: LONG }],
  'guard.limits': () => nothing,
  'guard.setLimit': () => [{ scope: 'site', value: LONG, max: 5 }],
  'sites.list': () => [{ limit: 200 }, { limit: 200, search: LONG }],
  'sites.set': (attempt) => [{ ...WORST_SITE, name: `nowhere ${attempt}` }],
  'sites.remove': (attempt) => [{ name: `nowhere ${attempt}` }],
  'alarms.list': () => [
    { limit: 100 },
    { limit: 100, state: 'cleared', clientid: LONG, site: LONG, assignedTo: LONG },
  ],
  'alarms.worst': () => [{ limit: 100 }],
  'alarms.get': () => id,
  'alarms.counts': () => nothing,
  'alarms.act': () => [
    {
      act: 'acknowledge',
      ids: Array.from({ length: 500 }, (_, index) => `${index + 1}`),
      note: 'n'.repeat(500),
    },
    { act: 'shelve', ids: ['9'.repeat(100_000)], seconds: 60 },
  ],
  'alarms.rules': () => nothing,
  'alarms.setRule': (attempt) => [
    {
      id: `rule-${attempt}`,
      kind: 'offline',
      name: 'n'.repeat(100),
      filter: { site: LONG, tag: LONG, model: LONG },
    },
  ],
  'alarms.removeRule': () => [{ id: 'none' }],
  'alarms.raise': (attempt) => [
    { key: `${attempt} ${LONG}`.slice(0, 200), text: 't'.repeat(500), advice: 'a'.repeat(500) },
  ],
  'alarms.clear': () => [{ key: LONG, clientid: FIRST }],
  // Behind all others, which go without so many operations.
  'operations.import': () => [
    { text: LARGE_OPERATIONS, dryRun: true },
    { text: notedOperations(14), dryRun: true },
    { text: '['.repeat(4_000_000), dryRun: true },
    { text: LARGE_OPERATIONS, dryRun: false },
  ],
  'operations.export': () => nothing,
  'operations.remove': () => [{ id: 'own-none' }, { id: LONG }],
};

/** As a browser sends it: a large text goes before its question. */
function inParts(message: { number: number; input: unknown }): object[] {
  const { text, ...rest } = (message.input ?? {}) as { text?: unknown };
  if (typeof text !== 'string' || text.length <= LARGEST_PART) return [message];
  const parts: object[] = [];
  for (let start = 0; start < text.length; start += LARGEST_PART) {
    parts.push({ type: 'part', number: message.number, text: text.slice(start, start + LARGEST_PART) });
  }
  return [...parts, { ...message, input: rest, parts: parts.length }];
}

/** What comes of those that have no answer here. */
const NOT_ANSWERED: Partial<Record<ProcedureName, string>> = {
  'gateways.refresh': 'OFFLINE',
  'commands.cancel': 'NOT_FOUND',
  'commands.wait': 'NOT_FOUND',
  'operations.remove': 'NOT_FOUND',
  'updates.stopScan': 'NOT_FOUND',
  'updates.cancel': 'NOT_FOUND',
  'people.changeOwnPassword': 'CONFLICT',
  'tokens.revoke': 'NOT_FOUND',
  'views.change': 'NOT_FOUND',
  'views.remove': 'NOT_FOUND',
  'jobs.submit': 'NOT_FOUND',
  'jobs.remove': 'NOT_FOUND',
  'jobs.cancel': 'NOT_FOUND',
  'stops.lift': 'NOT_FOUND',
  'guard.release': 'NOT_FOUND',
  'alarms.act': 'NOT_FOUND',
  'alarms.removeRule': 'NOT_FOUND',
};

function why(value: unknown): string {
  return inspect(value, { depth: 2, maxStringLength: 200, maxArrayLength: 3 });
}

function isRead(ask: ProcedureName, input: unknown): boolean {
  try {
    (PROCEDURES[ask].parse as (input: unknown) => unknown)(input);
    return true;
  } catch {
    return false;
  }
}

/** Begins a job of the whole fleet; resolves with its id when all its gateways are recorded. */
async function begunJob({ manager }: TestManager): Promise<string> {
  const { id } = await manager.jobs.create(JOB, { by: 'test' });
  const running = new Promise<void>((resolve) => {
    manager.events.on('job', ({ job }) => job.id === id && job.state === 'RUNNING' && resolve());
  });
  await manager.jobs.submit(id, { by: 'test' });
  await running;
  return id;
}

describe('hostile: what one person asks of the dashboard keeps nobody waiting', () => {
  const open = opener('postgresql');
  let test: TestManager;
  let rpcServer: RpcServer;
  let clock: LoopClock;
  let idle: number;
  let number = 0;
  const faults: string[] = [];

  before(async () => {
    const options = await open.options();
    await insertLargeFleet(options, GATEWAYS);
    test = await openTestManager(options, {
      commandTimeoutMs: runsOut(1000),
      repository: { kind: 'folder', folder: REPOSITORY },
    });
    rpcServer = openRpcServer({
      procedures: new Map<string, Procedure<unknown, unknown>>(Object.entries(PROCEDURES)),
      manager: async () => test.manager,
      limits: createLoadLimits(),
      event: 'tpedm:x',
      onEmit: () => undefined,
      onFault: ({ message }) => faults.push(message),
    });
    for (const attempt of [...Array.from({ length: 9 }, (_, index) => index), FIRST_ATTEMPT]) {
      const { id, name } = (
        await test.manager.users.create({ name: `person-${attempt}`, role: 'viewer' }, 'root')
      ).user;
      PEOPLE.set(attempt, { id, name });
    }
    jobId = await begunJob(test);
    draftId = (await test.manager.jobs.create(largeJobs.at(-1), { by: 'test' })).id;
    clock = startLoopClock();
    await idlePause(clock.longest);
    idle = await idlePause(clock.longest);
  });
  after(async () => {
    clock?.stop();
    rpcServer?.close();
    await test?.manager.close();
  });

  /** Resolves with what comes back, as the browser gets it. */
  function send(value: { type: string; procedure: string; input: unknown }): Promise<WidgetMessage> {
    number += 1;
    const own = number;
    return new Promise((resolve) => {
      const socket: DashboardSocket = {
        id: `socket ${own}`,
        connected: true,
        data: {
          account: { id: 'admin', name: 'admin', fullName: '', role: 'administrator' },
          address: '10.0.0.1',
        },
        emit(_event, message) {
          // As socket.io sends it: that takes its time, too.
          resolve(JSON.parse(JSON.stringify(message)) as WidgetMessage);
        },
      };
      for (const message of inParts({ ...value, number: own })) rpcServer.take(message, socket);
    });
  }

  /** As they come from a socket: each by itself, and none waits for the one before. */
  async function sendAll(ask: ProcedureName, inputs: readonly unknown[]): Promise<WidgetMessage[]> {
    const answers: Promise<WidgetMessage>[] = [];
    for (const input of inputs) {
      answers.push(send({ type: 'call', procedure: ask, input }));
      await setImmediate();
    }
    const outcomes = await Promise.all(answers);
    // What is begun is awaited, too.
    const scan = ask === 'updates.startScan' ? await test.manager.updates.lastScan() : null;
    if (scan !== null) await test.manager.updates.waitForScan(scan.id);
    return outcomes;
  }

  it('with a table that knows all that can be asked for', () => {
    expect(Object.keys(LARGEST).sort()).to.deep.equal(Object.keys(PROCEDURES).sort());
  });

  for (const ask of Object.keys(LARGEST) as ProcedureName[]) {
    it(`${ask}`, async () => {
      // What is compiled at the first time is so once for all.
      const first = LARGEST[ask](FIRST_ATTEMPT);
      const answers = await sendAll(ask, first);
      for (const input of first) expect(isRead(ask, input), why(input)).to.equal(!MALFORMED.has(input));
      const outcomes = answers.map((answer) => (answer.type === 'refused' ? answer.code : answer.type));
      expect(outcomes, why(answers)).to.include(NOT_ANSWERED[ask] ?? 'answer');
      const inputs = Array.from({ length: 9 }, (_, attempt) => LARGEST[ask](attempt));
      const pause = await pauseDuring(clock.longest, (attempt) => sendAll(ask, inputs[attempt] ?? []));
      expect(pause, `ms; ${idle.toFixed(0)} of them where nothing is done`).to.be.below(
        MAX_PAUSE_MS + 2 * idle,
      );
      expect(faults).to.deep.equal([]);
    });
  }
});
