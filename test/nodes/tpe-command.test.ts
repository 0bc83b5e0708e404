import { createRequire } from 'node:module';
import { expect } from 'chai';
import type { NodeMessage } from 'node-red';
import type { CommandRecord, CommandState } from '../../nodes/manager/commands/command.js';
import { TpeError } from '../../nodes/manager/shared/tpe-error.js';
import tpeCommand from '../../nodes/tpe-command/tpe-command.js';
import { type FakeManager, fakeDevice, fakeManager } from '../support/fake-manager.js';
import { fakeServer } from '../support/fake-server.js';
import {
  helper,
  type Inbox,
  inbox,
  linesOf,
  type NodeModule,
  nodeOf,
  shownStatus,
} from '../support/node-red-helper.js';

const ANSWERED = {
  state: 'SUCCEEDED',
  latencyMs: 12,
  answer: { status: 200, payload: { data: 1 } },
} as const;
const TIMED_OUT = {
  state: 'TIMED_OUT',
  reason: 'No answer within 60 s.',
  cause: { code: 'no-answer', params: { seconds: 60 } },
  reasonCode: 'TIMED_OUT',
} as const;

const ofNodeRed = createRequire(__filename);
const split = ofNodeRed('@node-red/nodes/core/sequence/17-split.js') as NodeModule;
const change = ofNodeRed('@node-red/nodes/core/function/15-change.js') as NodeModule;
const NAMED = [{ t: 'move', p: 'payload', pt: 'msg', to: 'clientid', tot: 'msg' }];

describe('node tpe-command', () => {
  let manager: FakeManager;
  let answers: Inbox;
  let unanswered: Inbox;
  let summaries: Inbox;
  let faults: Inbox;
  let completed: Inbox;

  const blank = (...names: string[]) =>
    Object.fromEntries(
      names.flatMap((name) => [
        [name, ''],
        [`${name}Type`, 'str'],
      ]),
    );

  async function load(config: Record<string, unknown> = {}): Promise<void> {
    const defaults = {
      action: 'send',
      ...blank('clientid', 'path', 'requestBody', 'timeout', 'queueFor', 'requestId', 'categoryid'),
      method: '',
      whenOffline: '',
      wait: '',
    };
    const flow = [
      { id: 'tab', type: 'tab', label: 'test' },
      { id: 'server', type: 'tpe-server' },
      {
        id: 'node',
        z: 'tab',
        x: 0,
        y: 0,
        type: 'tpe-command',
        server: 'server',
        ...defaults,
        ...config,
        wires: [['out1'], ['out2'], ['out3']],
      },
      { id: 'out3', z: 'tab', x: 0, y: 0, type: 'helper', wires: [] },
      { id: 'out1', z: 'tab', x: 0, y: 0, type: 'helper', wires: [] },
      { id: 'out2', z: 'tab', x: 0, y: 0, type: 'helper', wires: [] },
      { id: 'catcher', z: 'tab', x: 0, y: 0, type: 'catch', scope: null, wires: [['caught']] },
      { id: 'caught', z: 'tab', x: 0, y: 0, type: 'helper', wires: [] },
      { id: 'completer', z: 'tab', x: 0, y: 0, type: 'complete', scope: ['node'], wires: [['completed']] },
      { id: 'completed', z: 'tab', x: 0, y: 0, type: 'helper', wires: [] },
    ];
    await helper.load([fakeServer(async () => manager), tpeCommand], flow);
    answers = inbox('out1');
    unanswered = inbox('out2');
    summaries = inbox('out3');
    faults = inbox('caught');
    completed = inbox('completed');
  }

  const give = (msg: NodeMessage) => nodeOf('node').receive(msg);

  async function fail(msg: NodeMessage): Promise<{ message: string; code?: string }> {
    give(msg);
    return (await faults.next()).error as { message: string; code?: string };
  }

  beforeEach(() => {
    manager = fakeManager();
  });
  afterEach(() => helper.unload());

  it('sends what the message says and gives the answer on output 1, in the same message', async () => {
    await load();
    manager.onSend((command) => command.end(ANSWERED));
    give({
      _msgid: 'm1',
      mine: 1,
      clientid: 'gw',
      path: '/system/sshserver',
      method: 'put',
      requestBody: { enable: true },
      timeout: '5',
      whenOffline: 'queue',
      queueFor: 90,
      requestedBy: 'REST',
    });
    const msg = await answers.next();
    expect(manager.calls[0]).to.deep.equal({
      name: 'send',
      args: [
        {
          clientid: 'gw',
          path: '/system/sshserver',
          method: 'put',
          requestBody: { enable: true },
          timeoutMs: 5000,
          whenOffline: 'queue',
          whenGuarded: 'fail',
          queueForMs: 90_000,
          requestedBy: 'REST',
        },
      ],
    });
    expect(msg).to.deep.include({
      _msgid: 'm1',
      mine: 1,
      topic: 'gw',
      payload: { data: 1 },
      statusCode: 200,
    });
    expect(msg.tpe).to.include({
      clientid: 'gw',
      requestId: '1',
      state: 'SUCCEEDED',
      status: 200,
      latencyMs: 12,
    });
    expect(msg.tpe).not.to.have.any.keys('answer', 'requestBody');
    expect(msg.parts).to.deep.equal({ id: 'm1', index: 0, count: 1, type: 'array' });
    expect(await completed.next()).to.include({ mine: 1 });
  });

  it('takes what is fixed in its form without the spaces around it, as it is checked', async () => {
    const fixed = {
      action: ' send ',
      clientid: ' gw-7 ',
      path: ' /device/general\n',
      method: ' GET',
      wait: 'true ',
    };
    await load({ ...fixed, timeout: ' 5 ', timeoutType: 'num', whenOffline: ' queue ' });
    manager.onSend((command) => command.end(ANSWERED));
    give({});
    expect(await answers.next()).to.include({ topic: 'gw-7', statusCode: 200 });
    expect(manager.calls[0]?.args[0]).to.include({
      path: '/device/general',
      timeoutMs: 5000,
      whenOffline: 'queue',
    });
  });

  it('keeps every digit of a number in its form, and takes headers of the message', async () => {
    await load({
      ...{ clientid: 'gw', path: '/x', method: 'PUT', requestBodyType: 'json' },
      requestBody: '{"counter":18446744073709551615,"from":{"$from":"num","value":"1"}}',
    });
    manager.onSend((command) => command.end(ANSWERED));
    give({ requestHeaders: [{ 'request-expired-time': '2030-01-01 00:00:00' }] });
    await answers.next();
    expect(manager.calls[0]?.args[0]).to.deep.include({
      headers: [{ 'request-expired-time': '2030-01-01 00:00:00' }],
      requestBody: { counter: 18446744073709551615n, from: { $from: 'num', value: '1' } },
    });
    await helper.unload();
    await load({
      clientid: 'gw',
      path: '/x',
      method: 'PUT',
      requestBodyType: 'json',
      requestBody: '{"a":1e400}',
    });
    expect((await fail({})).message).to.contain('"/a"');
  });

  it('asks by an operation, its parameters and a body with values of the message in it', async () => {
    process.env.TPE_TEST_GATE = '192.0.2.1';
    const body = {
      enable: false,
      ip: { $from: 'msg', value: 'payload.ip' },
      dns: [
        { $from: 'jsonata', value: '"192.0.2." & payload.last' },
        { $from: 'env', value: 'TPE_TEST_GATE' },
      ],
      note: { $from: 'msg', value: 'nothing' },
      kept: { $from: 'elsewhere', value: 'x' },
    };
    await load({
      clientid: 'gw',
      operation: 'patch-device-ethernets-id',
      operationType: 'str',
      params: [{ name: 'id', type: 'msg', value: 'port' }],
      requestBody: JSON.stringify(body),
      requestBodyType: 'json',
      check: 'warn',
    });
    manager.onSend((command) => command.end(ANSWERED));
    give({ port: 2, path: '/not/this', params: { more: 1 }, payload: { ip: '192.0.2.10', last: 53 } });
    await answers.next();
    expect(manager.calls[0]?.args[0]).to.deep.include({
      operation: 'patch-device-ethernets-id',
      params: { id: 2, more: 1 },
      check: 'warn',
      requestBody: {
        enable: false,
        ip: '192.0.2.10',
        dns: ['192.0.2.53', '192.0.2.1'],
        kept: { $from: 'elsewhere', value: 'x' },
      },
    });
    expect(manager.calls[0]?.args[0]).not.to.have.any.keys('path', 'method');
  });

  it('takes operation, parameters and body from the message where the form leaves them blank', async () => {
    await load({ clientid: 'gw' });
    manager.onSend((command) => command.end(ANSWERED));
    const requestBody = { ip: { $from: 'env', value: 'PATH' } };
    give({ operation: 'some-id', params: { id: 3 }, requestBody, check: 'refuse' });
    await answers.next();
    // What a message brings is never read as a place to look into.
    expect(manager.calls[0]?.args[0]).to.deep.include({
      operation: 'some-id',
      params: { id: 3 },
      requestBody,
      check: 'refuse',
    });
  });

  it('does not ask by the operation of a message where the form has a path', async () => {
    await load({ clientid: 'gw', path: '/device/general', method: 'GET' });
    manager.onSend((command) => command.end(ANSWERED));
    give({ operation: 'some-id' });
    await answers.next();
    expect(manager.calls[0]?.args[0]).to.include({ path: '/device/general', method: 'GET' });
  });

  it('says what is wrong in a form that was edited by hand', async () => {
    await load({ clientid: 'gw', operation: 'x', params: [{ name: 'id', type: 'odd', value: 1 }] });
    expect((await fail({})).message).to.contain('Command: has an entry without name, type or value');
  });

  it('says what is wrong in what a message asks for', async () => {
    await load({ clientid: 'gw' });
    expect((await fail({ operation: { id: 1 } })).message).to.contain('"operation" must be text');
    expect((await fail({ path: '/x', check: 'perhaps' })).message).to.contain('one of refuse, warn');
  });

  it('describes one operation', async () => {
    await load({ action: 'describe' });
    give({ operation: 'get-device-general-get-device-general' });
    expect((await answers.next()).payload).to.deep.include({ method: 'GET', path: '/device/general' });
    expect(await fail({ operation: 'nothing' })).to.include({ code: 'NOT_FOUND' });
  });

  it('gives a refusal of the gateway on output 1 too, with its status: it is an answer', async () => {
    await load({ clientid: 'gw', path: '/nope', method: 'GET' });
    manager.onSend((command) =>
      command.end({ state: 'FAILED', answer: { status: 404, payload: { error: {} } } }),
    );
    give({});
    const msg = await answers.next();
    expect(msg).to.deep.include({ statusCode: 404, payload: { error: {} } });
    expect(msg.tpe).to.include({ state: 'FAILED', status: 404 });
  });

  it('gives what got no answer on output 2, with the reason', async () => {
    await load({ clientid: 'gw', path: '/x', method: 'GET' });
    manager.onSend((command) => command.end(TIMED_OUT));
    give({ payload: 'old' });
    const msg = await unanswered.next();
    expect(msg.payload).to.deep.equal({
      clientid: 'gw',
      requestId: '1',
      state: 'TIMED_OUT',
      reason: 'No answer within 60 s.',
      cause: { code: 'no-answer', params: { seconds: 60 } },
      code: 'TIMED_OUT',
      faults: [],
    });
    expect(msg.topic).to.equal('gw');
    expect(answers.all).to.be.empty;
  });

  it('completes a message only when all its commands have ended', async () => {
    await load({ clientid: '["a","b"]', clientidType: 'json', path: '/x' });
    give({ _msgid: 'm1' });
    while (manager.open.length < 2) await new Promise(setImmediate);
    manager.open[0]?.end(ANSWERED);
    await answers.next();
    expect(completed.all).to.be.empty;
    manager.open[0]?.end(TIMED_OUT);
    await unanswered.next();
    expect(await completed.next()).to.include({ _msgid: 'm1' });
  });

  it('numbers the messages of several gateways so that a join node can bring them together', async () => {
    await load({ clientid: '["a","b","a","c"]', clientidType: 'json', path: '/x' });
    manager.onSend((command) => command.end(ANSWERED));
    give({ _msgid: 'm1', keep: { deep: true }, parts: { id: 'outer', index: 4 } });
    const all = [await answers.next(), await answers.next(), await answers.next()];
    expect(all.map((msg) => msg.topic)).to.deep.equal(['a', 'b', 'c']);
    for (const [index, msg] of all.entries()) {
      expect(msg.parts).to.deep.include({ id: 'm1', index, parts: { id: 'outer', index: 4 } });
      expect(msg.keep).to.deep.equal({ deep: true });
    }
    expect(all.at(-1)?.parts).to.include({ count: 3 });
  });

  it('has a bounded number in flight however many gateways a filter finds', async () => {
    manager = fakeManager(
      Array.from({ length: 1000 }, (_, index) => fakeDevice(`gw-${index}`, { tags: ['all'] })),
    );
    await load({ path: '/x' });
    let most = 0;
    manager.onSend((command) => {
      most = Math.max(most, manager.open.length);
      command.end(ANSWERED);
    });
    give({ clientid: { tag: 'all' } });
    await completed.next();
    expect(answers.all).to.have.length(1000);
    expect(new Set(answers.all.map((msg) => msg.topic)).size).to.equal(1000);
    expect(answers.all.at(-1)?.parts).to.include({ count: 1000 });
    expect(most).to.be.within(2, 256);
  });

  it('has at most as many in flight as the node or the message allows', async () => {
    manager = fakeManager(
      Array.from({ length: 40 }, (_, index) => fakeDevice(`gw-${index}`, { tags: ['all'] })),
    );
    let most = 0;
    manager.onSend((command) => {
      most = Math.max(most, manager.open.length);
      setImmediate(() => command.end(ANSWERED));
    });
    const mostOf = async (config: Record<string, unknown>, msg: NodeMessage) => {
      most = 0;
      await load({ path: '/x', ...config });
      give({ clientid: { tag: 'all' }, ...msg });
      await completed.next();
      expect(new Set(answers.all.map((each) => each.clientid)).size).to.equal(40);
      await helper.unload();
      return most;
    };
    expect(await mostOf({}, { atOnce: 1 })).to.equal(1);
    expect(await mostOf({ atOnce: '3', atOnceType: 'num' }, { atOnce: 9 })).to.equal(3);
    expect(await mostOf({ atOnce: 'payload.few', atOnceType: 'msg' }, { payload: { few: '2' } })).to.equal(2);
    expect(await mostOf({}, { atOnce: '' })).to.be.above(3);
    await load({ path: '/x' });
    for (const atOnce of [0, 1.5, 257, -1])
      expect((await fail({ clientid: 'gw', atOnce })).message).to.contain('"atOnce" must be a whole number');
    expect((await fail({ clientid: 'gw', atOnce: 'few' })).message).to.contain('"atOnce" must be a number');
  });

  describe('the summary', () => {
    const ends = (state: CommandState, reason = 'Why.'): Partial<CommandRecord> => ({
      state,
      reason,
      cause: { code: 'why', params: {} },
      reasonCode: 'OFFLINE',
    });

    it('comes after the last answer, with what became of each command, and is no part of the list', async () => {
      await load({ path: '/x', atOnce: '1', atOnceType: 'num' });
      const ways: Record<string, Partial<CommandRecord>> = {
        a: ANSWERED,
        b: { ...ends('FAILED'), answer: { status: 404, payload: {} } },
        c: ends('TIMED_OUT'),
        d: ends('REJECTED'),
        e: ends('EXPIRED'),
        f: ends('CANCELED'),
      };
      manager.onSend((command) => command.end(ways[command.request.clientid] ?? ANSWERED));
      const clientid = [...Object.keys(ways), 'g'];
      give({ _msgid: 'm1', clientid, payload: 'old', mine: 1, parts: { id: 'outer', index: 4 } });
      const summary = await summaries.next();
      expect(answers.all.length + unanswered.all.length).to.equal(7);
      const { tookMs, failures, ...counts } = summary.payload as Record<string, unknown>;
      expect(counts).to.deep.equal({
        ...{ total: 7, succeeded: 2, failed: 1, timedOut: 1, rejected: 1, expired: 1, canceled: 1 },
        inProgress: 0,
      });
      expect(tookMs).to.be.a('number').and.to.be.at.least(0);
      expect(failures).to.deep.equal(
        ['b', 'c', 'd', 'e', 'f'].map((each, index) => ({
          clientid: each,
          requestId: String(index + 2),
          state: ways[each]?.state,
          reason: 'Why.',
          cause: { code: 'why', params: {} },
          code: 'OFFLINE',
        })),
      );
      expect(summary).to.deep.include({
        _msgid: 'm1',
        mine: 1,
        clientid,
        tpe: { sent: 7 },
        parts: { id: 'outer', index: 4 },
      });
      expect(answers.all.every((each) => each.topic === each.clientid)).to.equal(true);
    });

    it('comes for one gateway too, and for none where that is no error', async () => {
      manager.onSend((command) => command.end(ANSWERED));
      await load({ path: '/x' });
      give({ clientid: 'gw', mine: { deep: 1 } });
      const answer = await answers.next();
      const summary = await summaries.next();
      expect(summary.payload).to.deep.include({ total: 1, succeeded: 1, failures: [] });
      expect(summary).not.to.have.property('parts');
      expect(summary.mine).to.deep.equal({ deep: 1 });
      expect(summary.mine).not.to.equal(answer.mine);
      give({ clientid: { tag: 'none' }, whenNone: 'empty' });
      expect((await summaries.next()).payload).to.include({ total: 0 });
      expect((await answers.next()).payload).to.deep.equal([]);
      await fail({ clientid: { tag: 'none' } });
      expect(summaries.all).to.have.length(2);
    });

    it('lists the first hundred failures of many, and counts all', async () => {
      await load({ path: '/x' });
      manager.onSend((command) => command.end(TIMED_OUT));
      give({ clientid: Array.from({ length: 250 }, (_, index) => `gw-${index}`) });
      const { payload } = await summaries.next();
      expect(payload).to.include({ total: 250, timedOut: 250 });
      expect((payload as { failures: unknown[] }).failures).to.have.length(100);
    });

    it('counts what it does not wait for as in progress', async () => {
      await load({ path: '/x' });
      give({ clientid: ['a', 'b'], wait: false });
      expect((await summaries.next()).payload).to.include({ total: 2, inProgress: 2, succeeded: 0 });
    });

    it('so far is in the message of the Catch node when the node closes or the work fails in the middle', async () => {
      await load({ path: '/x', atOnce: '2', atOnceType: 'num' });
      const third = new Promise<void>((resolve) => {
        manager.onSend((command) => {
          if (command.request.clientid === 'a') return command.end(ANSWERED);
          if (command.request.clientid === 'c') resolve();
        });
      });
      const node = nodeOf('node');
      give({ clientid: ['a', 'b', 'c', 'd'], mine: 1 });
      await third;
      const closed = node.close(false);
      const caught = await faults.next();
      expect(caught.error).to.have.property('code', 'CLOSED');
      expect(caught).to.include({ mine: 1 });
      expect(caught.tpe).to.deep.include({ total: 3, succeeded: 1, inProgress: 2 });
      expect(linesOf(node).join()).to.contain('sent: 3, of which 2 go on');
      await closed;
      while (manager.open[0] !== undefined) manager.open[0].end(ANSWERED);
      await new Promise(setImmediate);
      expect(manager.calls.filter(({ name }) => name === 'send')).to.have.length(3);
      expect(summaries.all).to.be.empty;
      await helper.unload();

      await load({ path: '/x', atOnce: '1', atOnceType: 'num' });
      const { send } = manager.commands;
      manager.commands.send = async (request) => {
        if (request.clientid === 'b') throw new TpeError('UNAVAILABLE', 'The database is away.');
        return send(request);
      };
      manager.onSend((command) => command.end(ANSWERED));
      give({ clientid: ['a', 'b', 'c'] });
      const failed = await faults.next();
      expect(failed.error).to.have.property('code', 'UNAVAILABLE');
      expect(failed.tpe).to.deep.include({ total: 1, succeeded: 1, inProgress: 0 });
      expect(summaries.all).to.be.empty;
    });
  });

  describe('that is done when the gateway is well again', () => {
    const wellAgain = (clientid: string) => manager.waits.find((each) => each.clientid === clientid)!;
    const waiting = async (count: number) => {
      while (manager.waits.length < count) await new Promise(setImmediate);
    };
    const reason = { text: 'It is away.', cause: { code: 'well-offline', params: { seconds: 9 } } };

    it('sends on the answer then, and shows for whom it waits', async () => {
      await load({ path: '/x', untilWell: 'true' });
      manager.onSend((command) => command.end(ANSWERED));
      give({ clientid: 'gw-1', untilWell: false });
      await waiting(1);
      await shownStatus(nodeOf('node'), ({ text }) => /untilWell|until gw-1 is well/.test(text ?? ''));
      expect(answers.all).to.be.empty;
      wellAgain('gw-1').resolve({ well: true, tookMs: 90_000 });
      const { payload, tpe, statusCode } = (await answers.next()) as NodeMessage & Record<string, unknown>;
      expect([payload, statusCode]).to.deep.equal([ANSWERED.answer.payload, ANSWERED.answer.status]);
      expect((tpe as { well: unknown }).well).to.deep.equal({
        ...{ well: true, tookMs: 90_000, reason: null, cause: null },
      });
      expect((await summaries.next()).payload).to.include({ succeeded: 1, failed: 0 });
    });

    it('says why it is not, on output 2, and counts that as a failure', async () => {
      await load({ path: '/x' });
      manager.onSend((command) => command.end(ANSWERED));
      give({ clientid: ['a', 'b'], untilWell: true });
      await waiting(2);
      await shownStatus(nodeOf('node'), ({ text }) => /untilAllWell|until 2 gateways/.test(text ?? ''));
      wellAgain('a').resolve({ well: false, tookMs: 9000, reason });
      const { payload, tpe } = await unanswered.next();
      expect(payload).to.include({
        clientid: 'a',
        state: 'SUCCEEDED',
        reason: 'It is away.',
        code: 'TIMED_OUT',
      });
      expect((tpe as { well: unknown; state: string }).well).to.deep.equal({
        ...{ well: false, tookMs: 9000, reason: 'It is away.', cause: reason.cause },
      });
      wellAgain('b').resolve({ well: true, tookMs: 1 });
      const summary = (await summaries.next()).payload as { failures: unknown[] };
      expect(summary).to.include({ total: 2, succeeded: 1, failed: 1 });
      expect(summary.failures).to.deep.include({
        ...{ clientid: 'a', requestId: '1', state: 'SUCCEEDED', code: 'TIMED_OUT' },
        ...{ reason: 'It is away.', cause: reason.cause },
      });
    });

    it('does not wait where the command failed, and takes no wait that ends before', async () => {
      await load({ path: '/x', untilWell: 'true' });
      manager.onSend((command) => command.end(TIMED_OUT));
      give({ clientid: 'gw' });
      const { tpe } = await unanswered.next();
      expect(tpe).to.include({ state: 'TIMED_OUT', well: null });
      for (const wait of [false, 5]) {
        expect((await fail({ clientid: 'gw', wait })).message).to.equal(
          '"wait" must be true where "untilWell" is true.',
        );
      }
      await helper.unload();
      await load({ path: '/x' });
      expect((await fail({ clientid: 'gw', untilWell: 'soon' })).message).to.contain(
        '"untilWell" must be true or false',
      );
    });
  });

  it('never takes a mistake for the whole fleet', async () => {
    manager = fakeManager([fakeDevice('a'), fakeDevice('b')]);
    await load({ path: '/x' });
    expect((await fail({ clientid: {} })).message).to.contain('{"all": true}');
    expect((await fail({ clientid: { tag: '' } })).message).to.contain('no condition');
    expect((await fail({ clientid: { search: '  ' } })).message).to.contain('no condition');
    expect((await fail({ clientid: { tags: ['x'] } })).message).to.contain('unknown property "tags"');
    expect((await fail({ clientid: [] })).code).to.equal('INVALID_INPUT');
    expect((await fail({})).message).to.contain('"clientid" is missing');
    expect(await fail({ clientid: { tag: 'none' } })).to.include({ code: 'NOT_FOUND' });
    expect(manager.open).to.be.empty;
    manager.onSend((command) => command.end(ANSWERED));
    give({ clientid: { all: true } });
    expect([(await answers.next()).topic, (await answers.next()).topic]).to.deep.equal(['a', 'b']);
  });

  it('gives the record at once, or after so many seconds, when told not to wait for the end', async () => {
    await load({ clientid: 'gw', path: '/x' });
    give({ wait: false });
    expect((await answers.next()).payload).to.include({ requestId: '1', state: 'SENT' });
    give({ wait: '3' });
    expect((await answers.next()).payload).to.include({ requestId: '2', state: 'SENT' });
    expect(manager.calls.at(-1)).to.deep.equal({ name: 'waitFor', args: ['2', 3000] });
    manager.open[0]?.end(ANSWERED);
    give({ action: 'ignored, the field is fixed', wait: 'soon' });
    expect((await faults.next()).error).to.have.property('code', 'INVALID_INPUT');
  });

  it('says what is wrong with a request before anything is sent', async () => {
    await load({ clientid: 'gw' });
    expect((await fail({})).message).to.contain('"path" is missing');
    expect((await fail({ path: '/x', timeout: 'long' })).message).to.contain('"timeout" must be a number');
    expect((await fail({ path: '/x', whenOffline: 'pray' })).message).to.contain('fail, queue');
    expect(manager.calls).to.be.empty;
  });

  it('gets, lists and cancels commands, and reads the catalogue', async () => {
    await load({ action: '' });
    give({ clientid: 'gw', path: '/x', wait: false });
    await answers.next();
    give({ action: 'get', requestId: '1' });
    expect((await answers.next()).payload).to.include({ requestId: '1' });
    expect(await fail({ action: 'get', requestId: '99' })).to.include({ code: 'NOT_FOUND' });
    give({ action: 'get', requestId: '1', wait: 2 });
    expect((await answers.next()).payload).to.include({ requestId: '1' });
    expect(manager.calls.at(-1)).to.deep.equal({ name: 'waitFor', args: ['1', 2000] });
    give({ action: 'list', payload: { clientid: 'gw', limit: 1 } });
    const page = await answers.next();
    expect(page.payload).to.have.length(1);
    expect(page.tpe).to.include({ next: '1' });
    give(page);
    await answers.next();
    expect(manager.calls.at(-1)?.args).to.deep.equal([{ clientid: 'gw', limit: 1, before: '1' }]);
    give({ action: 'cancel', requestId: '1', requestedBy: 'me' });
    expect((await answers.next()).payload).to.include({ state: 'CANCELED' });
    expect(manager.calls.at(-1)?.args).to.deep.equal(['1', 'me']);
    give({ action: 'categories' });
    expect((await answers.next()).payload).to.deep.equal([{ id: 1, name: 'Software' }]);
    give({ action: 'operations', categoryid: '1' });
    await answers.next();
    expect(manager.calls.at(-1)).to.deep.equal({ name: 'operationRows', args: [1] });
  });

  it('ends what it waits for when it is closed, and sends nothing afterwards', async () => {
    await load({ clientid: 'gw', path: '/x' });
    const sent = new Promise<void>((resolve) => manager.onSend(() => resolve()));
    const node = nodeOf('node');
    give({});
    await sent;
    const closed = node.close(false);
    expect((await faults.next()).error).to.have.property('code', 'CLOSED');
    await closed;
    manager.open[0]?.end(ANSWERED);
    await new Promise(setImmediate);
    expect(answers.all).to.be.empty;
    expect(faults.all).to.have.length(1);
  });

  describe("changes the users' operations", () => {
    const callsOf = (name: string) =>
      manager.calls.filter((call) => call.name === name).map(({ args }) => args);

    it('imports a file from the payload, whatever form it has there', async () => {
      await load({ action: 'import' });
      give({ payload: 'openapi: 3.0.0' });
      expect((await answers.next()).payload).to.deep.include({ added: ['own-made'] });
      give({ payload: Buffer.from('openapi: 3.0.0'), dryRun: 'true' });
      await answers.next();
      give({ payload: { category: [] }, dryRun: true });
      await answers.next();
      give({ payload: 'openapi: 3.0.0', prefix: '/api/v1/station/' });
      await answers.next();
      expect(callsOf('importOperations')).to.deep.equal([
        ['openapi: 3.0.0', { dryRun: false }],
        ['openapi: 3.0.0', { dryRun: true }],
        ['{"category":[]}', { dryRun: true }],
        ['openapi: 3.0.0', { dryRun: false, prefix: '/station' }],
      ]);
      expect((await fail({ payload: '', prefix: 3 })).message).to.match(/"prefix" must be a path/);
      expect(await fail({ payload: 5 })).to.deep.include({ code: 'INVALID_INPUT' });
      expect((await fail({ payload: '', dryRun: 'perhaps' })).message).to.match(
        /"dryRun" must be true or false/,
      );
    });

    it('exports them', async () => {
      await load({ action: 'export' });
      give({});
      expect((await answers.next()).payload).to.deep.equal({
        format: 'tpe-operations',
        version: 1,
        operations: [],
      });
    });

    it('saves one, given as an object or as JSON', async () => {
      await load({ action: 'save' });
      const operation = { id: 'own-x', category: 'Mine', name: 'X', method: 'GET', path: '/x' };
      give({ payload: operation });
      expect((await answers.next()).payload).to.deep.include({ ...operation, risk: 'read' });
      give({ payload: JSON.stringify(operation) });
      expect((await answers.next()).payload).to.deep.include(operation);
      expect((await fail({ payload: '{' })).message).to.match(/no JSON/);
      expect((await fail({ payload: { ...operation, path: '/auth' } })).code).to.equal('FORBIDDEN');
    });

    it('removes one by its id', async () => {
      await load({ action: 'remove' });
      give({ operation: 'own-x' });
      expect((await answers.next()).payload).to.deep.equal({ removed: 'own-x' });
      expect(callsOf('removeOperation')).to.deep.equal([['own-x']]);
      expect((await fail({})).message).to.match(/"operation" is missing/);
    });
  });

  describe('with a join node behind it', () => {
    async function loadJoin(config: Record<string, unknown> = {}): Promise<Inbox> {
      const at = { z: 'tab', x: 0, y: 0 };
      const node = {
        id: 'node',
        ...at,
        type: 'tpe-command',
        server: 'server',
        action: 'send',
        method: 'GET',
      };
      const flow = [
        { id: 'tab', type: 'tab', label: 'test' },
        { id: 'server', type: 'tpe-server' },
        { id: 'split', ...at, type: 'split', splt: '\\n', spltType: 'str', arraySplt: 1, wires: [['name']] },
        { id: 'name', ...at, type: 'change', rules: NAMED, wires: [['node']] },
        { ...node, path: '/device/general', pathType: 'str', wires: [['join'], ['join']], ...config },
        {
          id: 'join',
          ...at,
          type: 'join',
          mode: 'auto',
          build: 'array',
          property: 'payload',
          wires: [['joined']],
        },
        { id: 'joined', ...at, type: 'helper', wires: [] },
        { id: 'catcher', ...at, type: 'catch', scope: null, wires: [['caught']] },
        { id: 'caught', ...at, type: 'helper', wires: [] },
      ];
      await helper.load([fakeServer(async () => manager), tpeCommand, split, change], flow);
      faults = inbox('caught');
      return inbox('joined');
    }

    it('joins the answer of one gateway, the answers of many, and those of a list that was split', async () => {
      const joined = await loadJoin();
      manager.onSend((command) => command.end(ANSWERED));
      give({ clientid: 'gw' });
      expect(await joined.next()).to.deep.include({ payload: [{ data: 1 }], clientid: 'gw' });
      give({ clientid: ['a', 'b'] });
      expect((await joined.next()).payload).to.deep.equal([{ data: 1 }, { data: 1 }]);
      nodeOf('split').receive({ payload: ['a', 'b', 'c'] });
      expect((await joined.next()).payload).to.have.length(3);
      expect(joined.all).to.have.length(3);
    });

    it('joins the summaries of a list that was split', async () => {
      const joined = await loadJoin({ wires: [[], [], ['join']] });
      manager.onSend((command) => command.end(ANSWERED));
      nodeOf('split').receive({ payload: ['a', 'b'] });
      const payload = (await joined.next()).payload as { total: number }[];
      expect(payload.map(({ total }) => total)).to.deep.equal([1, 1]);
      expect(faults.all).to.be.empty;
    });

    it('makes an empty list where no gateway matches and the node says so; else that is an error', async () => {
      const joined = await loadJoin({ whenNone: 'empty' });
      give({ clientid: { tag: 'nowhere' }, payload: 'old', mine: 1 });
      expect(await joined.next()).to.deep.include({ payload: [], tpe: { sent: 0 }, mine: 1 });
      await helper.unload();
      await loadJoin();
      give({ clientid: { tag: 'nowhere' } });
      const { error } = (await faults.next()) as { error?: { message: string; code?: string } };
      expect(error).to.deep.include({
        code: 'NOT_FOUND',
        message: 'No gateway matches the filter: no command was sent.',
      });
    });
  });
});
