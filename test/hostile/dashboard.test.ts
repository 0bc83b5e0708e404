import { join } from 'node:path';
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Procedure } from '../../nodes/api/procedure.js';
import { PROCEDURES, type ProcedureName } from '../../nodes/api/procedures/index.js';
import type { DashboardSocket } from '../../nodes/dashboard/server/caller.js';
import { createLoadLimits } from '../../nodes/dashboard/server/load-limits.js';
import { openRpcServer, type RpcServer } from '../../nodes/dashboard/server/rpc-server.js';
import type { WidgetMessage } from '../../nodes/dashboard/wire/wire.js';
import { ROLES } from '../../nodes/manager/shared/role.js';
import { opener } from '../support/databases.js';
import { anyJson, assault, isClearText, type Outcome, RUNS, spoilt } from '../support/hostile.js';
import { onlineGateway, openTestManager, type TestManager } from '../support/manager.js';
import { PROJECT_ROOT } from '../support/node-red-process.js';
import { runsOut } from '../support/patience.js';

const PACKAGES = join(PROJECT_ROOT, 'dist/nodes/manager/gateway-simulator/packages');
const one = { clientid: 'A' };
const eve = { user: { id: '1', name: 'Eve' } };
const request = { operation: 'put-system-reboot-reboot-device-now', requestBody: { now: true } };

const JOB = {
  name: 'who is there',
  do: {
    command: { method: 'PUT', path: '/system/{{value.part}}', requestBody: { on: '{{gateway.clientid}}' } },
  },
  targets: { ids: ['A'], expect: 1 },
  perTarget: 'clientid,part\nA,led\n',
  rollout: { maxPerMinute: 60, maxInProgress: 2 },
  retry: { failed: 1 },
};

/** What a browser sends when all is well. */
const GOOD: Record<ProcedureName, object> = {
  'gateways.search': { search: 'A' },
  'gateways.page': { status: 'online', search: 'A', sort: 'site', descending: true, limit: 20 },
  'gateways.one': one,
  'gateways.connection': one,
  'gateways.timeline': { ...one, hours: 24 },
  'gateways.timelinePage': { ...one, kinds: ['presence', 'edit'], since: '2026-01-01T00:00:00Z', limit: 20 },
  'gateways.nextStep': one,
  'gateways.export': { filter: { status: 'online', search: 'A' }, format: 'csv' },
  'gateways.refresh': { clientid: 'B' },
  'gateways.refreshMany': { clientids: ['A', 'B'] },
  'gateways.tagMatching': { filter: { search: 'A' }, add: ['x'], remove: ['y'], confirm: '1' },
  'gateways.change': {
    clientids: ['A', 'B'],
    site: 'Plant',
    redundancy: 'pumps',
    addTags: ['x'],
    removeTags: ['y'],
    enabled: true,
  },
  'gateways.statuses': { clientids: ['A', 'B'] },
  'gateways.rotate': { clientid: 'B', confirm: 'B' },
  'gateways.rotateMany': { clientids: ['A', 'B'], confirm: '2', separator: ';' },
  'gateways.retire': { clientids: ['C'], confirm: 'C' },
  'fleet.statistics': {},
  'fleet.overTime': { hours: 24, points: 50 },
  'fleet.events': { limit: 20 },
  'fleet.health': {},
  'fleet.marks': {},
  'find.all': { text: 'gw', language: 'en-US' },
  'wall.state': {},
  'commands.operations': {},
  'commands.operation': { id: request.operation },
  'commands.words': { language: 'ja', part: 'tasks' },
  'commands.check': { ...request, clientid: 'A' },
  'commands.send': { ...request, clientids: ['B'], confirm: 'B', whenOffline: 'fail' },
  'commands.sendOne': { ...request, clientid: 'B', confirm: 'B', whenOffline: 'fail' },
  'commands.read': { operation: 'get-device-ethernets-id', params: { id: 1 }, clientids: ['B'] },
  'commands.wait': { requestId: '1', waitMs: 1 },
  'commands.list': { clientid: 'A', state: 'SENT', cursor: '5', limit: 20 },
  'commands.one': { requestId: '1' },
  'commands.some': { requestIds: ['1', '2'] },
  'commands.lastAnswers': { clientid: 'A', operations: ['get-apps-get-all-apps'] },
  'commands.cancel': { requestId: '1' },
  'operations.import': {
    ...{ dryRun: false, prefix: '/own', encoding: 'utf-8' },
    text: '{"openapi": "3.0.0", "paths": {"/own": {"get": {}}}}',
  },
  'operations.export': {},
  'operations.remove': { id: 'own-none' },
  'updates.scan': {},
  'updates.startScan': { filter: { model: 'UC' } },
  'updates.stopScan': {},
  'updates.groups': {},
  'updates.gateways': { group: '1', limit: 20 },
  'updates.one': one,
  'updates.install': { clientids: ['B'], confirm: 'B', onlyNext: true, snapshot: false },
  'updates.overview': {},
  'updates.coverage': {},
  'updates.retry': { ids: ['1'], confirm: 'B' },
  'updates.installations': { clientid: 'A', gateway: 'A', state: 'QUEUED', cursor: '5', limit: 20 },
  'updates.installation': { id: '1' },
  'updates.cancel': { id: '1' },
  'registration.settings': one,
  'registration.register': { clientid: 'D', site: 'Plant', tags: ['x'], redundancy: 'pumps' },
  'registration.preview': { text: 'clientid\nE\n', format: 'csv' },
  'registration.import': { text: '[{"clientid": "E"}]', format: 'json' },
  'flow.news': {},
  'people.me': {},
  'people.list': {},
  'people.create': { name: 'Eve', role: 'viewer', password: 'long enough, Eve' },
  'people.changeOwnPassword': { old: 'long enough', new: 'long enough, too' },
  'people.change': {
    ...eve,
    role: 'operator',
    confirm: 'viewer > operator',
    fullName: 'Eve E.',
    enabled: true,
  },
  'people.setPassword': { ...eve, password: 'long enough, too' },
  'people.endSessions': eve,
  'people.remove': eve,
  'tokens.mine': {},
  'tokens.list': {},
  'views.mine': {},
  'views.create': { page: 'ui-tpe-gateways', name: 'mine', query: 'status=offline' },
  'views.change': { id: '1', change: { name: 'other' } },
  'views.remove': { id: '1' },
  'tokens.create': { name: 'ci', role: 'viewer', days: 30 },
  'tokens.revoke': { id: '1' },
  'audit.list': { who: 'Eve', action: 'login', since: '2026-01-01T00:00:00Z', outcome: 'done', limit: 20 },
  'audit.export': { clientid: 'A', job: '1' },
  'jobs.list': { state: 'RUNNING', cursor: '5', limit: 20 },
  'jobs.one': { id: '1' },
  'jobs.definition': { id: '1' },
  'jobs.preview': { definition: JOB },
  'jobs.create': { definition: JOB, idempotencyKey: 'k' },
  'jobs.start': { definition: JOB, previewHash: 'x', confirm: '1' },
  'jobs.submit': { id: '1', version: 1, confirm: '1', previewHash: 'x' },
  'jobs.change': { id: '1', version: 1, change: { name: 'other', rollout: { maxPerMinute: 1 } } },
  'jobs.remove': { id: '2', version: 1 },
  'jobs.pause': { id: '1', version: 2 },
  'jobs.resume': { id: '1' },
  'jobs.cancel': { id: '1', force: true, confirm: '1' },
  'jobs.retry': { id: '1', which: 'one', clientid: 'A', confirm: 'A' },
  'jobs.skip': { id: '1', clientids: ['A'] },
  'jobs.executions': {
    id: '1',
    state: 'QUEUED',
    waitingFor: 'offline',
    site: 'Plant',
    reason: 'x',
    limit: 20,
  },
  'jobs.execution': { id: '1', clientid: 'A' },
  'jobs.waiting': { id: '1' },
  'jobs.failures': { id: '1' },
  'jobs.progress': { id: '1' },
  'jobs.sites': { id: '1' },
  'jobs.log': { id: '1' },
  'jobs.ofGateway': one,
  'stops.active': {},
  'stops.stop': { scope: 'site', value: 'nowhere', reason: 'a test' },
  'stops.lift': { id: '1', confirm: 'nowhere' },
  'guard.holds': { scope: 'site', value: 'Plant', cursor: '5', limit: 20 },
  'guard.release': { clientid: 'A', owner: { kind: 'command', id: '1' }, reason: 'replaced' },
  'guard.limits': {},
  'guard.setLimit': { scope: 'site', value: 'Plant', max: 2 },
  'sites.list': { limit: 50 },
  'sites.set': { name: 'Plant', zone: 'Europe/Berlin' },
  'sites.remove': { name: 'Plant' },
  'alarms.list': {
    ...{ state: 'open', severity: 'warning', kind: 'own', clientid: 'A', site: 'Plant', assignedTo: 'Eve' },
    ...{ cursor: '5', limit: 20 },
  },
  'alarms.worst': { limit: 20 },
  'alarms.get': { id: '1' },
  'alarms.counts': {},
  'alarms.act': { act: 'shelve', ids: ['1'], seconds: 60, note: 'being rebuilt' },
  'alarms.rules': {},
  'alarms.setRule': {
    ...{
      id: 'disk-full',
      kind: 'disk-full',
      name: 'x',
      enabled: true,
      severity: 'critical',
      delaySeconds: 5,
    },
    ...{ threshold: 80, clearThreshold: 70, clearSeconds: 5, repeatSeconds: 60, filter: { site: 'Plant' } },
  },
  'alarms.removeRule': { id: 'own-rule' },
  'alarms.raise': { key: 'pump', clientid: 'A', severity: 'info', text: 'it leaks', advice: 'close it' },
  'alarms.clear': { key: 'pump', clientid: 'A' },
};

describe('hostile: messages of browsers', () => {
  const open = opener('pglite');
  let test: TestManager;
  let rpcServer: RpcServer;
  let number = 0;
  const faults: string[] = [];

  before(async () => {
    test = await openTestManager(await open.options(), {
      commandTimeoutMs: runsOut(1000),
      repository: { kind: 'folder', folder: PACKAGES },
    });
    rpcServer = openRpcServer({
      procedures: new Map<string, Procedure<unknown, unknown>>(Object.entries(PROCEDURES)),
      manager: async () => test.manager,
      limits: createLoadLimits(),
      event: 'tpedm:x',
      onEmit: () => undefined,
      onFault: ({ message }) => faults.push(message),
    });
    await onlineGateway(test, 'A');
    for (const clientid of ['B', 'C']) await test.manager.registry.register({ clientid });
  });
  after(async () => {
    rpcServer.close();
    await test.manager.close();
  });

  /** Sends it as somebody of the role; resolves with what comes back, or with null where nothing is to come. */
  async function send(value: unknown, role: (typeof ROLES)[number]): Promise<WidgetMessage> {
    return await new Promise((resolve) => {
      const socket: DashboardSocket = {
        id: `socket ${number}`,
        connected: true,
        // The one account that no database has to know, so that tokens are made.
        data: { account: { id: 'admin', name: role, fullName: '', role }, address: '10.0.0.1' },
        emit: (_event, message) => resolve(message as WidgetMessage),
      };
      rpcServer.take(value, socket);
    });
  }
  function isAnsweredOrRefused(outcome: Outcome): void {
    if (outcome.kind === 'refused') throw outcome.error;
    const message = outcome.value as WidgetMessage;
    if (message.type !== 'refused') return;
    expect(message.code, `${message.message} ${faults.at(-1)}`).not.to.equal('FAULT');
    isClearText(message.message);
  }

  it('start from what is well formed', async () => {
    for (const [ask, input] of Object.entries(GOOD)) {
      number += 1;
      const message = await send({ type: 'call', number, procedure: ask, input }, 'administrator');
      const code = message.type === 'refused' ? message.code : null;
      expect(code, `${ask}: ${JSON.stringify(message)}`).to.be.oneOf([
        null,
        'NOT_FOUND',
        'OFFLINE',
        'CONFLICT',
      ]);
    }
  });

  it('are refused when they are noise', () =>
    assault(
      // What is no question gets no answer; a question behind it does.
      anyJson.filter((value) => (value as { type?: unknown } | null)?.type !== 'emit'),
      (value) => send(value, 'administrator'),
      isAnsweredOrRefused,
    ));

  for (const name of Object.keys(PROCEDURES) as ProcedureName[]) {
    it(`are answered or refused when ${name} is asked with a spoilt input, by anybody`, () =>
      assault(
        fc.record({ input: spoilt(GOOD[name]), role: fc.constantFrom(...ROLES) }),
        ({ input, role }) => {
          number += 1;
          return send({ type: 'call', number, procedure: name, input }, role);
        },
        isAnsweredOrRefused,
        // Hashing a password takes its time, on purpose.
        Math.ceil(RUNS / (name.startsWith('people.') ? 8 : 3)),
      ));
  }

  it('are kept in part for nobody who may only look, and are not taken where a part is missing', async () => {
    expect(await send({ type: 'part', number: 7, text: 'x' }, 'viewer')).to.include({ code: 'FORBIDDEN' });
    const input = { format: 'csv' };
    const whole = { type: 'call', number: 7, procedure: 'registration.preview', input, parts: 1 };
    expect(await send(whole, 'operator')).to.include({ code: 'INVALID_INPUT' });
  });

  it('leave the fleet as an operator left it', async () => {
    expect((await test.manager.registry.get('A'))?.status).to.equal('online');
    expect(faults).to.deep.equal([]);
  });
});
