import { expect } from 'chai';
import type { NodeMessage } from 'node-red';
import type { CommandRecord } from '../../nodes/manager/commands/command.js';
import type { AnswerOutput, TelemetryOutput } from '../../nodes/manager/intake/gateway-output.js';
import tpeOutput from '../../nodes/tpe-output/tpe-output.js';
import { type FakeManager, fakeManager, fakeRecord } from '../support/fake-manager.js';
import { fakeServer } from '../support/fake-server.js';
import { helper, type Inbox, inbox, nodeOf, shownStatus } from '../support/node-red-helper.js';

const RECEIVED_AT = '2026-01-01T00:00:01.000Z';

function answer(clientid: string, path: string | null, status = 200, duplicate = false): AnswerOutput {
  const command: CommandRecord | null =
    path === null
      ? null
      : fakeRecord({ clientid, path, method: 'GET', requestedBy: 'me' }, '7', { latencyMs: 5 });
  return {
    kind: 'answer',
    clientid,
    topic: `/tpedm/${clientid}/output`,
    requestId: '7',
    answer: { status, payload: { data: clientid } },
    command,
    duplicate,
    receivedAt: RECEIVED_AT,
  };
}

function telemetry(clientid: string | null, topic: string): TelemetryOutput {
  return { kind: 'telemetry', clientid, topic, payload: { t: 1 }, receivedAt: RECEIVED_AT };
}

describe('node tpe-output', () => {
  let manager: FakeManager;
  let out: Inbox;

  async function load(config: Record<string, unknown> = {}): Promise<void> {
    const defaults = { clientid: '', path: '', kind: 'all', state: '', unsolicited: 'all' };
    const flow = [
      { id: 'tab', type: 'tab', label: 'test' },
      { id: 'server', type: 'tpe-server' },
      {
        id: 'node',
        z: 'tab',
        x: 0,
        y: 0,
        type: 'tpe-output',
        server: 'server',
        ...defaults,
        ...config,
        wires: [['out']],
      },
      { id: 'out', z: 'tab', x: 0, y: 0, type: 'helper', wires: [] },
    ];
    await helper.load([fakeServer(async () => manager), tpeOutput], flow);
    out = inbox('out');
    await shownStatus(nodeOf('node'), (status) => status.fill === 'green');
  }

  /** The topics of what gets through of a given set of outputs. */
  async function through(config: Record<string, unknown>): Promise<unknown[]> {
    await load(config);
    const outputs = [
      answer('north-1', '/device/general'),
      answer('north-2', '/system/sshserver', 404),
      answer('south-1', null),
      answer('north-10', '/device/general', 500),
      telemetry('north-1', '/tpedm/north-1/telemetry'),
      telemetry(null, '/weather'),
    ];
    for (const output of outputs) manager.events.emit('output', output);
    manager.events.emit('output', answer('the-end', '/device/general'));
    manager.events.emit('output', telemetry('the-end', '/x'));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    await helper.unload();
    return out.all.map((msg) => msg.topic).filter((topic) => topic !== 'the-end');
  }

  beforeEach(() => {
    manager = fakeManager();
  });
  afterEach(() => helper.unload());

  it('sends answers with what is known of their command', async () => {
    await load();
    manager.events.emit('output', answer('gw', '/device/general', 200, true));
    expect(await out.next()).to.deep.include({
      topic: 'gw',
      payload: { data: 'gw' },
      statusCode: 200,
      tpe: {
        kind: 'answer',
        clientid: 'gw',
        topic: '/tpedm/gw/output',
        requestId: '7',
        status: 200,
        state: 'SUCCEEDED',
        path: '/device/general',
        method: 'GET',
        requestedBy: 'me',
        latencyMs: 5,
        unsolicited: false,
        duplicate: true,
        receivedAt: RECEIVED_AT,
      },
    });
  });

  it('sends answers that nobody here asked for, and telemetry', async () => {
    await load();
    manager.events.emit('output', answer('gw', null, 400));
    expect((await out.next()).tpe).to.include({ unsolicited: true, path: null, state: 'FAILED' });
    manager.events.emit('output', telemetry('gw', '/tpedm/gw/telemetry'));
    const msg = await out.next();
    expect(msg).to.deep.include({ topic: 'gw', payload: { t: 1 } });
    expect(msg.tpe).to.deep.equal({
      kind: 'telemetry',
      clientid: 'gw',
      topic: '/tpedm/gw/telemetry',
      receivedAt: RECEIVED_AT,
    });
  });

  it('gives each node a payload of its own', async () => {
    await load();
    const output = answer('gw', '/x');
    manager.events.emit('output', output);
    const msg: NodeMessage = await out.next();
    (msg.payload as { data: string }).data = 'changed in a flow';
    expect(output.answer.payload).to.deep.equal({ data: 'gw' });
  });

  it('filters by client id, path, kind, state and who asked', async () => {
    expect(await through({})).to.have.length(6);
    expect(await through({ clientid: 'north-?' })).to.deep.equal(['north-1', 'north-2', 'north-1']);
    expect(await through({ clientid: 'south*' })).to.deep.equal(['south-1']);
    expect(await through({ kind: 'telemetry' })).to.deep.equal(['north-1', '/weather']);
    expect(await through({ kind: 'answer', path: '/device/*' })).to.deep.equal(['north-1', 'north-10']);
    expect(await through({ kind: 'answer', state: 'FAILED' })).to.deep.equal(['north-2', 'north-10']);
    expect(await through({ kind: 'answer', unsolicited: 'only' })).to.deep.equal(['south-1']);
    expect(await through({ kind: 'answer', unsolicited: 'no' })).to.deep.equal([
      'north-1',
      'north-2',
      'north-10',
    ]);
  });

  it('takes a field that is blank, of a variable that is not set, or no text, for what it stands for', async () => {
    const unset = ['$', '{TPE_NOT_SET}'].join('');
    for (const blank of ['', ' ', unset]) {
      const all = {
        clientid: blank,
        path: blank,
        kind: blank,
        state: blank,
        unsolicited: blank,
        topic: blank,
      };
      expect(await through(all), JSON.stringify(blank)).to.have.length(6);
    }
    expect(await through({ kind: ' answer ', state: ' FAILED ' })).to.deep.equal(['north-2', 'north-10']);
    expect(await through({ clientid: 4711 })).to.deep.equal([]);
  });

  it('listens no more when it is closed', async () => {
    await load();
    expect(manager.events.listenerCount('output')).to.equal(1);
    await helper.unload();
    expect(manager.events.listenerCount('output')).to.equal(0);
  });
});
