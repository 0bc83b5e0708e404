import { join } from 'node:path';
import { expect } from 'chai';
import * as fc from 'fast-check';
import type { NodeMessage } from 'node-red';
import { enrollVirtualGateways } from '../../nodes/manager/gateway-simulator/enroll.js';
import { virtualIdentities } from '../../nodes/manager/gateway-simulator/identity.js';
import { type Simulator, startSimulator } from '../../nodes/manager/gateway-simulator/simulator.js';
import tpeCommand from '../../nodes/tpe-command/tpe-command.js';
import tpeJob from '../../nodes/tpe-job/tpe-job.js';
import tpeRegister from '../../nodes/tpe-register/tpe-register.js';
import tpeStatus from '../../nodes/tpe-status/tpe-status.js';
import tpeUpdateInstall from '../../nodes/tpe-update-install/tpe-update-install.js';
import tpeUpdateScan from '../../nodes/tpe-update-scan/tpe-update-scan.js';
import { opener } from '../support/databases.js';
import { fakeServer } from '../support/fake-server.js';
import { anyJson, assault, isClearText, type Outcome, spoilt } from '../support/hostile.js';
import { openTestManager, presenceOf, type TestManager } from '../support/manager.js';
import { helper, nodeOf } from '../support/node-red-helper.js';
import { PROJECT_ROOT } from '../support/node-red-process.js';
import { runsOut } from '../support/patience.js';

const V = 'virtual-0001';
const PACKAGES = join(PROJECT_ROOT, 'dist/nodes/manager/gateway-simulator/packages');
const PACKAGE = {
  category: 'mil',
  version: '9.0.0',
  yamlUrl: 'https://tpe2.thingspro.io/a.yaml',
  packageName: 'a',
};

/** What flows send to each node when all is well. */
const GOOD: Record<string, object[]> = {
  'tpe-register': [
    { action: 'register', payload: { clientid: 'N', username: 'n', password: 'long enough', tags: ['a'] } },
    { action: 'get', clientid: V },
    { action: 'list', payload: { search: 'virtual', limit: 5, sort: 'clientid' } },
    { action: 'update', clientid: 'N', payload: { site: 'Plant', enabled: true } },
    { action: 'rotate', clientid: 'N', payload: { password: 'long enough' } },
    { action: 'retire', clientid: 'N' },
    { action: 'import', payload: 'clientid\nM\n', format: 'csv' },
    { action: 'export', payload: { status: 'online' }, format: 'json' },
    { action: 'refresh', clientid: V },
  ],
  'tpe-command': [
    { action: 'send', clientid: V, method: 'GET', path: '/device/general' },
    { action: 'send', clientid: [V, 'N'], operation: 'get-device-time-get-device-time' },
    {
      action: 'send',
      clientid: V,
      method: 'PATCH',
      path: '/device/general',
      requestBody: { description: 'x' },
    },
    { action: 'get', requestId: '1' },
    { action: 'cancel', requestId: '1' },
    { action: 'list', payload: { limit: 5 } },
    { action: 'operations', categoryid: 1 },
    { action: 'describe', operation: 'get-device-time-get-device-time' },
    { action: 'import', payload: { format: 'tpe-operations', version: 1, operations: [] }, dryRun: true },
    { action: 'save', payload: { category: 'Own', name: 'One', method: 'GET', path: '/one', risk: 'read' } },
    { action: 'remove', operation: 'own-none' },
    { action: 'export' },
  ],
  'tpe-status': [
    { action: 'status', topic: V },
    { action: 'status', payload: [V, 'N'] },
    { action: 'connection', topic: V },
    { action: 'counts', payload: { model: 'UC' } },
    { action: 'health' },
  ],
  'tpe-update-scan': [
    { action: 'scan', payload: { model: 'UC' } },
    { action: 'scan', filter: { status: 'online' } },
    { action: 'stop' },
    { action: 'progress' },
    { action: 'results', payload: { limit: 5, available: false } },
  ],
  'tpe-update-install': [
    { action: 'install', clientid: 'N', packages: [PACKAGE], timeout: 60, wait: 1 },
    { action: 'cancel', installation: '1' },
    { action: 'list', payload: { limit: 5 } },
    { action: 'get', installation: '1' },
  ],
  'tpe-job': [
    { action: 'preview', targets: { search: 'virtual' }, method: 'GET', path: '/device/general' },
    {
      payload: {
        action: 'create',
        name: 'J',
        do: { steps: [{ waitOnline: { settleSeconds: 1 } }] },
        targets: { ids: [V], expect: 1 },
        perTarget: 'clientid,a\nvirtual-0001,1\n',
        rollout: { maxPerMinute: 5 },
      },
    },
    { action: 'pause', job: '1' },
    { action: 'retry', job: '1', which: 'reason', code: 'x' },
    { action: 'skip', job: '1', clientids: [V] },
    { action: 'get', job: '1', clientid: V },
    { action: 'list', payload: { job: '1', state: 'FAILED', limit: 5 } },
    { action: 'waiting', job: '1' },
    { action: 'liftStop', stop: '1' },
  ],
};
const MODULES = [tpeRegister, tpeCommand, tpeStatus, tpeUpdateScan, tpeUpdateInstall, tpeJob];

describe('hostile: messages to nodes', () => {
  const open = opener('pglite');
  let test: TestManager;
  let simulator: Simulator;

  before(async () => {
    test = await openTestManager(await open.options(), {
      commandTimeoutMs: runsOut(1000),
      repository: { kind: 'folder', folder: PACKAGES },
    });
    const { gateways } = await enrollVirtualGateways(test.manager.registry, virtualIdentities(1));
    const online = presenceOf(test.manager, V, 'online');
    simulator = startSimulator({
      url: `mqtt://127.0.0.1:${test.port}`,
      gateways,
      inputTopic: '/tpedm/{clientid}/input',
      outputTopic: '/tpedm/{clientid}/output',
      latencyMs: [0, 2],
    });
    await online;
  });
  after(async () => {
    await simulator.stop();
    await test.manager.close();
  });
  afterEach(() => helper.unload());

  /** Loads the node with blank fields; gives messages to it, and resolves with how each ended. */
  async function load(type: string): Promise<(message: object) => Promise<unknown>> {
    const at = { z: 'tab', x: 0, y: 0 };
    await helper.load(
      [fakeServer(async () => ({ ...test.manager, close: async () => undefined })), ...MODULES],
      [
        { id: 'tab', type: 'tab', label: 'test' },
        { id: 'server', type: 'tpe-server' },
        { id: 'node', ...at, type, server: 'server', data: 'payload', dataType: 'msg', wires: [[], [], []] },
        { id: 'catcher', ...at, type: 'catch', scope: null, wires: [['ends']] },
        { id: 'completer', ...at, type: 'complete', scope: ['node'], wires: [['ends']] },
        { id: 'ends', ...at, type: 'helper', wires: [] },
      ],
    );
    const waiting = new Map<string, (end: NodeMessage) => void>();
    nodeOf('ends').on('input', (message: NodeMessage) => {
      waiting.get(message._msgid!)?.(message);
      waiting.delete(message._msgid!);
    });
    let given = 0;
    return (message) =>
      new Promise((resolve) => {
        forgetCalls();
        given += 1;
        const _msgid = `message ${given}`;
        waiting.set(_msgid, resolve);
        nodeOf('node').receive({ ...message, _msgid });
      });
  }
  /** The helper remembers every call of a node for ever, messages and all. */
  function forgetCalls(): void {
    helper.log().resetHistory();
    for (const id of ['node', 'ends', 'catcher', 'completer']) {
      const node = nodeOf(id) as unknown as Record<string, { resetHistory?(): void } | undefined>;
      for (const method of [
        'send',
        'error',
        'warn',
        'log',
        'status',
        'receive',
        'debug',
        'trace',
        'metric',
      ]) {
        node[method]?.resetHistory?.();
      }
    }
  }
  /** Once, with or without an error that a Catch node can act on. */
  function isEnded(outcome: Outcome): void {
    if (outcome.kind === 'refused') throw outcome.error;
    const { error } = outcome.value as { error?: { message: string; code?: string } };
    if (error === undefined) return;
    expect(error.code, error.message).to.match(/^[A-Z_]+$/);
    isClearText(error.message);
  }

  it('reach the Catch node with their errors, also those that Node-RED cannot copy', async () => {
    for (const type of Object.keys(GOOD)) {
      const give = await load(type);
      const message = JSON.parse('{"action": "nonsense", "__proto__": null}') as object;
      const { error } = (await give(message)) as { error?: { code: string; message: string } };
      expect(error, type).to.include({ code: 'INVALID_INPUT' });
      expect(error?.message).to.include('nonsense');
      await helper.unload();
    }
  });

  for (const [type, good] of Object.entries(GOOD)) {
    it(`end in one way or the other at ${type}, spoilt or noise`, async () => {
      const give = await load(type);
      for (const message of good) {
        const { error } = (await give(message)) as { error?: { code: string; message: string } };
        const fine = [undefined, 'NOT_FOUND', 'OFFLINE', 'CONFLICT'];
        expect(error?.code, `${JSON.stringify(message)}: ${error?.message}`).to.be.oneOf(fine);
      }
      const noise = fc.record({ payload: anyJson, topic: anyJson, action: anyJson, tpe: anyJson });
      const messages = fc.oneof({ weight: 4, arbitrary: spoilt(...good) }, { weight: 1, arbitrary: noise });
      await assault(
        messages.filter(
          (message) => typeof message === 'object' && message !== null && !Array.isArray(message),
        ),
        (message) => give(message as object),
        isEnded,
      );
      expect((await test.manager.registry.get(V))?.clientid).to.equal(V);
    });
  }
});
